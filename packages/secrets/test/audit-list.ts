import type { AuditReceipt, AuditRecord, AuditSink } from "@symbiont/kit";

/** A sink that keeps what it is given, or refuses while told to. */
export class AuditList implements AuditSink {
  readonly records: AuditRecord[] = [];
  /** Outcomes that are refused. */
  refuse: readonly AuditRecord["outcome"][] = [];

  async append(record: AuditRecord): Promise<AuditReceipt> {
    if (this.refuse.includes(record.outcome)) throw new Error("sink is full");
    this.records.push(record);
    return { sequence: this.records.length - 1 };
  }

  /** `type outcome` of every record, in order. */
  get lines(): readonly string[] {
    return this.records.map(({ type, outcome }) => `${type} ${outcome}`);
  }
}
