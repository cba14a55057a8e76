import { sha256Hex } from "@symbiont/keys";
import { canonicalJson, constantTimeEqual, decodeUtf8, type JsonObject } from "@symbiont/kit";
import { AuditError } from "../audit-error.ts";
import { MAX_RECORD_BYTES, OUTCOMES, RECORD_TYPE } from "../audit-limits.ts";
import { CompactRange, type SubtreeListener } from "../merkle/compact-range.ts";
import type { Checkpoint } from "../notes/checkpoint.ts";
import type { ChainState } from "./chain-state.ts";
import { type RecordFields, scanRecord } from "./scan-record.ts";

const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** The whole record of a line that a {@link ChainReader} has accepted. */
export function acceptedRecord(line: Uint8Array): JsonObject {
  return JSON.parse(decodeUtf8(line)) as JsonObject;
}

/**
 * Follows a journal line by line and refuses the first one that is not what the chain says must come. Checkpoints
 * are compared with the tree at exactly their size; those of before the start are not looked at.
 */
export class ChainReader {
  readonly #range: CompactRange;
  readonly #checkpoints = new Map<number, Checkpoint[]>();
  readonly #openAttempts: Set<number>;
  readonly #listener: SubtreeListener | undefined;
  readonly #leaf: Buffer = Buffer.alloc(1 + MAX_RECORD_BYTES);
  #head: string;
  #time: string;

  /** @param checkpoints already verified. */
  constructor(start: ChainState, checkpoints: readonly Checkpoint[], listener?: SubtreeListener) {
    this.#head = start.head;
    this.#time = start.time;
    this.#range = CompactRange.from(start.size, start.roots);
    this.#openAttempts = new Set(start.openAttempts);
    this.#listener = listener;
    for (const checkpoint of checkpoints) {
      const same = this.#checkpoints.get(checkpoint.size);
      if (same === undefined) this.#checkpoints.set(checkpoint.size, [checkpoint]);
      else same.push(checkpoint);
    }
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
  get openAttempts(): Set<number> {
    return this.#openAttempts;
  }

  /** Where the chain is, to go on from there another time. */
  get state(): ChainState {
    const { size, roots } = this.#range;
    return { size, head: this.#head, time: this.#time, roots, openAttempts: [...this.#openAttempts] };
  }

  /**
   * Takes the next line, without its newline, and returns those of its members that a chain looks at.
   * @throws AuditError `AUDIT_CORRUPT`, `AUDIT_FORKED`
   */
  accept(line: Uint8Array): RecordFields {
    const fields = scanRecord(Buffer.from(line.buffer, line.byteOffset, line.length)) ?? this.#parse(line);
    if (fields.v !== 1) throw this.#corrupt("its version is unknown");
    if (fields.seq !== this.size) throw this.#corrupt("its sequence does not follow");
    if (fields.prev !== this.#head) throw this.#corrupt("it is not chained to the record before it");
    const { ts: time, type } = fields;
    if (typeof time !== "string" || !TIMESTAMP.test(time) || time < this.#time)
      throw this.#corrupt("its time is not valid");
    if (!OUTCOMES.has(fields.out) || typeof type !== "string" || !RECORD_TYPE.test(type))
      throw this.#corrupt("it has no type or outcome");
    this.#follow(fields);
    this.#time = time;
    this.#leaf.set(line, 1);
    this.#head = sha256Hex(this.#leaf.subarray(0, line.length + 1));
    this.#range.appendHex(this.#head, this.#listener);
    this.#compare();
    return fields;
  }

  /**
   * Says that no more lines come.
   * @throws AuditError `AUDIT_ROLLBACK` when a checkpoint covers records that are not there.
   */
  end(): void {
    const missing = Math.max(0, ...this.#checkpoints.keys());
    if (missing <= this.size) return;
    const message = `the journal ends at ${this.size} records, but a signed checkpoint covers ${missing}`;
    throw new AuditError("AUDIT_ROLLBACK", message, { record: this.size });
  }

  #parse(line: Uint8Array): RecordFields {
    try {
      const text = decodeUtf8(line);
      // The lax parser is enough, and several times faster: what it lets through and should not, such as a repeated
      // name, is not its own canonical form.
      const record = JSON.parse(text) as JsonObject;
      if (canonicalJson(record) === text && text.startsWith("{")) return record as unknown as RecordFields;
    } catch (cause) {
      throw this.#corrupt("it is not JSON", cause);
    }
    throw this.#corrupt("it is not its own canonical form");
  }

  #follow({ out, of }: RecordFields): void {
    if (out === "attempt") this.#openAttempts.add(this.size);
    else if (typeof of === "number") this.#openAttempts.delete(of);
  }

  #compare(): void {
    const checkpoints = this.#checkpoints.get(this.size);
    if (checkpoints === undefined) return;
    const own = this.#range.root();
    if (checkpoints.every(({ root }) => constantTimeEqual(root, own))) return;
    const message = `the first ${this.size} records are not those that a signed checkpoint covers`;
    throw new AuditError("AUDIT_FORKED", message, { record: this.size });
  }

  #corrupt(why: string, cause?: unknown): AuditError {
    return new AuditError("AUDIT_CORRUPT", `record ${this.size} is corrupt: ${why}`, {
      cause,
      record: this.size,
    });
  }
}
