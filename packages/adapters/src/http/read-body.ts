import { concatBytes } from "@symbiont/kit";

/**
 * Reads a body to its end, a Node stream or a web one; undefined when it is longer than `maxBytes`, and then no more
 * of it is read.
 */
export async function readBody(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return concatBytes(...chunks);
}

/** The same for a web request; one without a body has an empty one. */
export async function readRequest(request: Request, maxBytes: number): Promise<Uint8Array | undefined> {
  const body = request.body as unknown as AsyncIterable<Uint8Array> | null;
  return body === null ? new Uint8Array(0) : readBody(body, maxBytes);
}
