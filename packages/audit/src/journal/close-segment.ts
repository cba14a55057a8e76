import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { AppendFile } from "@symbiont/filestore";
import type { ChainWriter } from "./chain-writer.ts";
import type { JournalFiles } from "./journal-files.ts";
import type { JournalSettings } from "./journal-options.ts";
import { formatSegmentSummary } from "./segment-summary.ts";

/**
 * Closes the segment that begins with `first` at the checkpoint `note`, and lets the chain go on in a new one.
 * @returns a promise of its summary, which needs the whole file once more and may take its time.
 */
export async function closeSegment(
  parts: { readonly chain: ChainWriter; readonly files: JournalFiles; readonly settings: JournalSettings },
  first: number,
  note: string,
): Promise<{ readonly summary: Promise<void> }> {
  const { chain, files, settings } = parts;
  const state = chain.state();
  const old = chain.segment;
  const fileSystem = settings.fileSystem === undefined ? {} : { fileSystem: settings.fileSystem };
  const next = await AppendFile.create(files.segment(state.size), fileSystem);
  chain.moveTo(next);
  await old.close();
  const summary = fileHash(old.path).then(async (sha256) =>
    files.writeSummary(first, formatSegmentSummary({ first, state, note, sha256 })),
  );
  return { summary };
}

async function fileHash(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
