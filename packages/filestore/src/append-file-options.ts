import type { FileSystem } from "./file-system.ts";

/** How an append file is opened. */
export interface AppendFileOptions {
  /** Permission bits of a new file, and the most an existing one may have. Default `0o600`. */
  readonly mode?: number;
  /** Default the machine's own. */
  readonly fileSystem?: FileSystem;
}

/** Where a torn tail went. */
export interface QuarantinedTail {
  /** Absolute path of the file that now holds the torn bytes, durably. */
  readonly file: string;
  /** Where the tail began, which is where the append file now ends. */
  readonly offset: number;
  /** How many bytes were moved. */
  readonly bytes: number;
}
