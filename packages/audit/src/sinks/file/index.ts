import { AppendFile, FilestoreError } from "@symbiont/filestore";
import { encodeUtf8 } from "@symbiont/kit";
import type { RecordSink } from "../../shipping/record-sink.ts";

const MAX_LINE_BYTES = 65_535;

/**
 * Keeps the records as lines of a second file, on another disk for example, durably. Lines that a crash tore are moved
 * beside it. A batch that is sent again is written again.
 */
export function fileSink(path: string, { name = "file" }: { readonly name?: string } = {}): RecordSink {
  let opened: Promise<AppendFile> | undefined;
  return {
    name,
    send: async (records) => {
      opened ??= openLines(path);
      try {
        const file = await opened;
        file.append(records.map(({ line }) => encodeUtf8(`${line}\n`)));
        await file.sync();
      } catch (error) {
        const failed = opened;
        opened = undefined;
        await failed.then(async (file) => file.close()).catch(() => undefined);
        throw error;
      }
    },
  };
}

async function openLines(path: string): Promise<AppendFile> {
  let file: AppendFile;
  try {
    file = await AppendFile.open(path);
  } catch (error) {
    if (!FilestoreError.is(error) || error.code !== "FILE_NOT_FOUND") throw error;
    return AppendFile.create(path);
  }
  try {
    for await (const entry of file.lines({ maxLineBytes: MAX_LINE_BYTES }))
      if (entry.kind === "torn") await file.repairTail(entry, `${path}.torn-${Date.now()}`);
    return file;
  } catch (error) {
    await file.close().catch(() => undefined);
    throw error;
  }
}
