import type { AuditReceipt } from "@symbiont/kit";
import type { EncodedRecord } from "./encoded-record.ts";
import type { JournalWriter } from "./journal-writer.ts";

/** How long a caller waits, and for what. */
export interface RoomOptions {
  /** Monotonic milliseconds. */
  readonly deadline: number;
  /** Asked again after a wait. @throws AuditError when nothing is taken any more. */
  readonly assertOpen: () => void;
}

/**
 * Appends a caller's record, when there is room for it.
 * @throws AuditError `AUDIT_UNAVAILABLE`, and what `assertOpen` throws.
 */
export function appendWhenRoom(
  writer: JournalWriter,
  encoded: EncodedRecord,
  { deadline, assertOpen }: RoomOptions,
): Promise<AuditReceipt> {
  if (writer.hasRoom) return writer.append(encoded, "record", deadline);
  return writer.whenRoom(deadline).then(() => {
    assertOpen();
    return writer.append(encoded, "record", deadline);
  });
}
