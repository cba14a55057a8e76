export type { KeyTextOptions } from "../../internal/key-reader.ts";
export { type EnvKeyOptions, envKey } from "./env-key.ts";
