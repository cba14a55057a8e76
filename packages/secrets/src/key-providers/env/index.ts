export type { KeyTextOptions } from "../key-reader.ts";
export { type EnvKeyOptions, envKey } from "./env-key.ts";
