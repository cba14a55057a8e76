import type { FileLock } from "@symbiont/filestore";
import type { CommittedLine } from "../shipping/live-sink.ts";
import type { SegmentRotationParts } from "./segment-rotation.ts";
import type { SpaceReserve } from "./space-reserve.ts";

/** What a writer is made of. */
export interface JournalWriterParts extends SegmentRotationParts {
  readonly lock: FileLock;
  readonly reserve: SpaceReserve;
  /** Told of the records that have become durable, when the chain keeps their lines. */
  readonly onCommitted?: (lines: readonly CommittedLine[]) => void;
}
