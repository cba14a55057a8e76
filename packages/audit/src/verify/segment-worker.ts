import { basename } from "node:path";
import { parentPort } from "node:worker_threads";
import { asAuditError } from "../as-audit-error.ts";
import { ChainReader } from "./chain-reader.ts";
import { readSegment } from "./read-segment.ts";
import { emptyTally, tallyRecord } from "./record-tally.ts";
import type { SegmentJob, SegmentResult } from "./verify-segments.ts";

// Runs in a thread of its own: verifies one closed segment after the other.
parentPort?.on("message", (job: SegmentJob) => {
  void answer(job);
});

async function answer(job: SegmentJob): Promise<void> {
  const result = await verifySegment(job);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(result);
}

async function verifySegment({ segment, start, checkpoints, gapMs }: SegmentJob): Promise<SegmentResult> {
  const tally = emptyTally();
  const settled: number[] = [];
  let bytes = 0;
  try {
    const chain = new ChainReader(start, checkpoints);
    const { torn } = await readSegment(segment, chain, {
      onRecord: (fields, line) => {
        tallyRecord(tally, fields, { line, gapMs });
        bytes += line.length + 1;
        if (typeof fields.of === "number" && fields.of < start.size) settled.push(fields.of);
      },
    });
    if (torn !== undefined) {
      const message = "a segment before the last one is torn";
      return { fault: { code: "AUDIT_CORRUPT", message, record: chain.size, segment: basename(segment) } };
    }
    return { state: chain.state, tally, bytes, settled };
  } catch (error) {
    const { code, message, record, segment: name, offset } = asAuditError(error);
    const place = Object.entries({ record, segment: name, offset }).filter(
      ([, value]) => value !== undefined,
    );
    return { fault: { code, message, ...Object.fromEntries(place) } };
  }
}
