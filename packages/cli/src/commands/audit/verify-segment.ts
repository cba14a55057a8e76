import { verifySegment } from "@symbiont/audit";
import { encodeHex } from "@symbiont/kit";
import type { Answer } from "../../program/task.ts";
import type { JournalPlace } from "./journal-place.ts";

/** `audit verify --segment`: one archived segment, against the summaries of the journal. @throws AuditError */
export async function verifyArchivedSegment(file: string, place: JournalPlace): Promise<Answer> {
  const { origin, first, end, root, sha256, openAttempts } = await verifySegment(file, place.directory, {
    trusted: place.trusted,
  });
  return {
    data: { ok: true, origin, first, end, root: encodeHex(root), sha256, openAttempts: [...openAttempts] },
    lines: [
      ["ok", `${origin}: records ${first} to ${end - 1}, all of them signed`],
      ["note", `root ${encodeHex(root)}`],
    ],
  };
}
