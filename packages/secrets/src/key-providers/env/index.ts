export { type EnvKeyOptions, envKey } from "./env-key.ts";
export type { KeyTextOptions } from "../key-reader.ts";
