export { EXIT } from "./program/exit-code.ts";
export type { Terminal } from "./program/terminal.ts";
export { runCli } from "./run-cli.ts";
