export type { KeyTextOptions } from "../../internal/key-reader.ts";
export { createFileKey } from "./create-file-key.ts";
export { type FileKeyOptions, fileKey } from "./file-key.ts";
export type { KeyFileAccess } from "./read-key-file.ts";
export { type SymbiontKeyFileOptions, symbiontKeyFile } from "./symbiont-key-file.ts";
export { systemdKey } from "./systemd-key.ts";
