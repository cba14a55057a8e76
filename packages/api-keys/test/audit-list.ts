import type { AuditReceipt, AuditRecord, AuditSink } from "@symbiont/kit";

/** A sink that keeps what it is given. */
export class AuditList implements AuditSink {
  readonly records: AuditRecord[] = [];

  async append(record: AuditRecord): Promise<AuditReceipt> {
    this.records.push(record);
    return { sequence: this.records.length - 1 };
  }
}
