import {
  canonicalJson,
  constantTimeEqual,
  decodeUtf8,
  encodeHex,
  type JsonObject,
  parseJson,
} from "@symbiont/kit";
import { AuditError } from "./audit-error.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { CompactRange } from "./compact-range.ts";
import { MAX_RECORD_BYTES, OUTCOMES } from "./journal-line.ts";
import { leafHash } from "./tree-hash.ts";

const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/**
 * Follows a journal line by line and refuses the first one that is not what the chain says must come. Checkpoints
 * are compared with the tree at exactly their size.
 */
export class ChainReader {
  readonly #range = new CompactRange();
  readonly #checkpoints: readonly Checkpoint[];
  readonly #openAttempts = new Set<number>();
  #head: string;
  #time = "";

  /** @param checkpoints already verified; @param genesis what the first record is chained to. */
  constructor(genesis: string, checkpoints: readonly Checkpoint[]) {
    this.#head = genesis;
    this.#checkpoints = checkpoints;
    this.#compare();
  }

  /** Records so far. */
  get size(): number {
    return this.#range.size;
  }

  /** Hex leaf hash of the newest record. */
  get head(): string {
    return this.#head;
  }

  /** Time of the newest record, epoch milliseconds; 0 when there is none. */
  get time(): number {
    return this.#time === "" ? 0 : Date.parse(this.#time);
  }

  /** The tree over all records so far, to go on with. */
  get range(): CompactRange {
    return this.#range;
  }

  /** Sequences of attempts whose outcome has not come. */
  get openAttempts(): readonly number[] {
    return [...this.#openAttempts];
  }

  /**
   * Takes the next line, without its newline.
   * @throws AuditError `AUDIT_CORRUPT`, `AUDIT_FORKED`
   */
  accept(line: Uint8Array): void {
    const record = this.#parse(line);
    if (record["v"] !== 1) throw this.#corrupt("its version is unknown");
    if (record["seq"] !== this.size) throw this.#corrupt("its sequence does not follow");
    if (record["prev"] !== this.#head) throw this.#corrupt("it is not chained to the record before it");
    const time = record["ts"];
    if (typeof time !== "string" || !TIMESTAMP.test(time) || time < this.#time)
      throw this.#corrupt("its time is not valid");
    if (!OUTCOMES.has(record["out"]) || typeof record["type"] !== "string")
      throw this.#corrupt("it has no type or outcome");
    this.#follow(record);
    this.#time = time;
    const leaf = leafHash(line);
    this.#head = encodeHex(leaf);
    this.#range.append(leaf);
    this.#compare();
  }

  /**
   * Says that no more lines come.
   * @throws AuditError `AUDIT_ROLLBACK` when a checkpoint covers records that are not there.
   */
  end(): void {
    const missing = this.#checkpoints.find(({ size }) => size > this.size);
    if (missing === undefined) return;
    const message = `the journal ends at ${this.size} records, but a signed checkpoint covers ${missing.size}`;
    throw new AuditError("AUDIT_ROLLBACK", message, { record: this.size });
  }

  #parse(line: Uint8Array): JsonObject {
    try {
      const text = decodeUtf8(line);
      const record = parseJson(text, {
        maxBytes: MAX_RECORD_BYTES,
        reservedNames: [],
        unsafeIntegers: "round",
      });
      if (canonicalJson(record) === text && !Array.isArray(record)) return record as JsonObject;
    } catch (cause) {
      throw this.#corrupt("it is not JSON", cause);
    }
    throw this.#corrupt("it is not its own canonical form");
  }

  #follow({ out, of }: JsonObject): void {
    if (out === "attempt") this.#openAttempts.add(this.size);
    else if (typeof of === "number") this.#openAttempts.delete(of);
  }

  #compare(): void {
    for (const { size, root } of this.#checkpoints) {
      if (size === this.size && !constantTimeEqual(root, this.#range.root())) {
        const message = `the first ${size} records are not those that a signed checkpoint covers`;
        throw new AuditError("AUDIT_FORKED", message, { record: size });
      }
    }
  }

  #corrupt(why: string, cause?: unknown): AuditError {
    return new AuditError("AUDIT_CORRUPT", `record ${this.size} is corrupt: ${why}`, {
      cause,
      record: this.size,
    });
  }
}
