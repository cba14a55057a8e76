export type { KeyTextOptions } from "../../internal/key-reader.ts";
export { createFileKey } from "./create-file-key.ts";
export { fileKey } from "./file-key.ts";
export type { FileKeyOptions } from "./key-file-provider.ts";
export type { KeyFileAccess } from "./read-key-file.ts";
export { type SymbiontKeyFileOptions, symbiontKeyFile } from "./symbiont-key-file.ts";
export { systemdKey } from "./systemd-key.ts";
