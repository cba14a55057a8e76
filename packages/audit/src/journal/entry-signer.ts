import { closeSync, constants, ftruncateSync, readFileSync } from "node:fs";
import type { PrivateKey } from "@symbiont/keys";
import { decodeHex } from "@symbiont/kit";
import { signEntry } from "../notes/entry-signature.ts";
import { openNoLink, writeNoLink } from "../open-no-link.ts";
import type { JournalFiles } from "./journal-files.ts";
import type { JournalSettings } from "./journal-options.ts";

/**
 * Keeps a signature of every record beside its segment, `<sequence> <base64>` a line. Ed25519 is deterministic and the
 * leaves are in the tree: what a crash took away is signed again when the journal is opened.
 */
export class EntrySigner {
  readonly #files: JournalFiles;
  readonly #origin: string;
  #key: PrivateKey;
  #segmentStart: number;

  /** @param leaves hex leaf hashes of the records in the segment that begins with `segmentStart`. */
  constructor(
    files: JournalFiles,
    settings: JournalSettings,
    { segmentStart, leaves }: { readonly segmentStart: number; readonly leaves: readonly string[] },
  ) {
    this.#files = files;
    this.#origin = settings.origin;
    this.#key = settings.key;
    this.#segmentStart = segmentStart;
    const kept = Math.min(this.#keepWhole(leaves.length), leaves.length);
    this.sign(segmentStart + kept, leaves.slice(kept));
  }

  /** Signs records that are durable, the first of them with this sequence. */
  sign(first: number, leaves: readonly string[]): void {
    const origin = this.#origin;
    const key = this.#key;
    const lines = leaves.map((leaf, index) => {
      const sequence = first + index;
      return `${sequence} ${signEntry({ origin, sequence, leaf: decodeHex(leaf) }, key)}\n`;
    });
    if (lines.length > 0)
      writeNoLink(this.#files.directory, this.#path, { content: lines.join(""), mode: "append" });
  }

  /** Signs with another key from now on. */
  signWith(key: PrivateKey): void {
    this.#key = key;
  }

  /** Goes on beside another segment. */
  moveTo(segmentStart: number): void {
    this.#segmentStart = segmentStart;
  }

  get #path(): string {
    return this.#files.signatures(this.#segmentStart);
  }

  /** Cuts off what is not a whole line or has no record any more, and returns how many lines are left. */
  #keepWhole(most: number): number {
    let descriptor: number;
    try {
      descriptor = openNoLink(this.#files.directory, this.#path, constants.O_RDWR);
    } catch {
      return 0;
    }
    try {
      const lines = readFileSync(descriptor, "latin1").split("\n").slice(0, -1).slice(0, most);
      const whole = lines.findIndex((line, index) => !line.startsWith(`${this.#segmentStart + index} `));
      const kept = whole === -1 ? lines : lines.slice(0, whole);
      ftruncateSync(
        descriptor,
        kept.reduce((bytes, line) => bytes + line.length + 1, 0),
      );
      return kept.length;
    } finally {
      closeSync(descriptor);
    }
  }
}
