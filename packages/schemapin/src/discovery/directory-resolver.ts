import { existsSync } from "node:fs";
import { join } from "node:path";
import { FilestoreError, type FilestoreErrorCode, readPrivateFile } from "@symbiont/filestore";
import {
  type DiscoveryDocument,
  parseDiscoveryDocument,
  parseRevocationDocument,
} from "../discovery-document.ts";
import { SchemaPinError } from "../schemapin-error.ts";
import {
  type DocumentResolver,
  type Resolution,
  readResolution,
  type Unresolved,
} from "./document-resolver.ts";
import { domainName } from "./domain-name.ts";
import { MAX_DOCUMENT_BYTES, parseDocument } from "./parse-document.ts";

/** Everybody may read public documents; only their owner may write them. */
const MODE = 0o644;
/** Reasons that say nothing about the document. */
const UNKNOWABLE: ReadonlySet<FilestoreErrorCode> = new Set<FilestoreErrorCode>([
  "FILE_ACCESS_DENIED",
  "FILE_CONFLICT",
  "FILE_IO",
]);

/**
 * Reads documents from a folder: `<domain>.json`, and `<domain>.revocations.json` for the standalone list. Symbolic
 * links, and files or folders that others may write, are refused.
 */
export class DirectoryResolver implements DocumentResolver {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async resolveDiscovery(domain: string): Promise<Resolution<DiscoveryDocument>> {
    return this.#read(domain, ".json", parseDiscoveryDocument);
  }

  async resolveRevocation(domain: string): Promise<Resolution<ReadonlySet<string>>> {
    return this.#read(domain, ".revocations.json", (document) =>
      parseRevocationDocument(document, domainName(domain)),
    );
  }

  async #read<T>(domain: string, ending: string, read: (document: unknown) => T): Promise<Resolution<T>> {
    const name = readResolution(() => domainName(domain));
    if (name.status !== "ok") return name;
    try {
      const path = join(this.#folder, `${name.document}${ending}`);
      const { bytes } = await readPrivateFile(path, { maxBytes: MAX_DOCUMENT_BYTES, mode: MODE });
      return readResolution(() => read(parseDocument(bytes)));
    } catch (error) {
      if (!FilestoreError.is(error)) throw error;
      if (error.code !== "FILE_NOT_FOUND") return refusal(error, UNKNOWABLE.has(error.code));
      // Without the folder, nothing is known about what would be in it.
      return existsSync(this.#folder) ? { status: "absent" } : refusal(error, true);
    }
  }
}

function refusal(cause: FilestoreError, unknowable: boolean): Unresolved {
  const code = unknowable ? "SCHEMAPIN_DISCOVERY_FETCH_FAILED" : "SCHEMAPIN_DISCOVERY_INVALID";
  const message = `the document's file cannot be used: ${cause.message}`;
  const error = new SchemaPinError(code, message, { cause, retryable: unknowable });
  return { status: unknowable ? "unavailable" : "invalid", error };
}
