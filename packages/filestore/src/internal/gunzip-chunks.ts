import { FilestoreError } from "../errors.ts";

/**
 * Inflates the chunks of a gzip file as they are asked for: nothing is read ahead, so that whoever stops early leaves no
 * read behind. One chunk may become a thousand times as long.
 * @throws FilestoreError `FILE_FORMAT_INVALID` when they are not gzip, or its end is missing.
 */
export async function* gunzipChunks(
  chunks: AsyncIterable<Uint8Array>,
  path: string,
): AsyncGenerator<Buffer, void, void> {
  // Read when it is needed: it costs a tenth of what importing this package does.
  const { createGunzip } = await import("node:zlib");
  const gunzip = createGunzip();
  const ready: Buffer[] = [];
  let fault: Error | undefined;
  // A stream that fails calls back nobody.
  let wake: (() => void) | undefined;
  gunzip.on("data", (chunk: Buffer) => ready.push(chunk));
  gunzip.on("error", (error) => {
    fault = error;
    wake?.();
  });
  const assertWhole = (): void => {
    if (fault === undefined) return;
    throw new FilestoreError("FILE_FORMAT_INVALID", "the file is not whole gzip", { path, cause: fault });
  };
  try {
    for await (const chunk of chunks) {
      await new Promise<void>((resolve) => {
        wake = resolve;
        gunzip.write(chunk, () => resolve());
      });
      assertWhole();
      yield* ready.splice(0);
    }
    await new Promise<void>((resolve) => {
      wake = resolve;
      gunzip.once("end", resolve);
      gunzip.end();
    });
    assertWhole();
    yield* ready.splice(0);
  } finally {
    gunzip.destroy();
  }
}
