import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { FilestoreError, readPrivateFile, replaceFile } from "@symbiont/filestore";
import { canonicalJson, decodeUtf8, encodeUtf8, type JsonObject, parseJson } from "@symbiont/kit";
import { asAuditError } from "../as-audit-error.ts";
import { AuditError } from "../audit-error.ts";

const NAME = /^[a-z0-9-]{1,64}$/;

/** A small file beside the journal that remembers which record a sink wants next. */
export class SinkCursor {
  readonly #directory: string;
  readonly #name: string;

  /** @throws RangeError when the name is not one. */
  constructor(journal: string, name: string) {
    if (!NAME.test(name)) throw new RangeError("sink must have a name of a-z, 0-9 and -");
    this.#directory = join(journal, "cursors");
    this.#name = name;
  }

  /** The sequence of the next record; 0 when nothing was sent. @throws AuditError `AUDIT_CORRUPT`, `AUDIT_UNAVAILABLE` */
  async read(): Promise<number> {
    let text: string;
    try {
      text = decodeUtf8((await readPrivateFile(this.#path, { maxBytes: 1_024 })).bytes);
    } catch (error) {
      if (FilestoreError.is(error) && error.code === "FILE_NOT_FOUND") return 0;
      throw asAuditError(error);
    }
    try {
      const next = (parseJson(text) as JsonObject)["next"];
      if (Number.isSafeInteger(next) && (next as number) >= 0) return next as number;
    } catch {
      // Said below.
    }
    throw new AuditError("AUDIT_CORRUPT", `the cursor of ${this.#name} is malformed`);
  }

  async write(next: number): Promise<void> {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    await replaceFile(this.#path, encodeUtf8(canonicalJson({ next })));
  }

  get #path(): string {
    return join(this.#directory, this.#name);
  }
}
