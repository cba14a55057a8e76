import type { Writable } from "node:stream";
import type { RecordSink } from "../../shipping/record-sink.ts";

/** Writes the records as lines to a stream, `process.stdout` for example; resolves when the stream has taken them. */
export function streamSink(
  stream: Writable,
  { name = "stdout" }: { readonly name?: string } = {},
): RecordSink {
  return {
    name,
    send: async (records) => {
      const text = records.map(({ line }) => `${line}\n`).join("");
      await new Promise<void>((resolve, reject) => {
        stream.write(text, (error) => (error ? reject(error) : resolve()));
      });
    },
  };
}
