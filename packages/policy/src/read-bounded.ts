import { concatBytes } from "@symbiont/kit";

/**
 * Reads the body of a request or response; undefined when it is longer than `maxBytes`, of which no more is read.
 * Rejects when the other side goes away.
 */
export async function readBounded(
  { body }: Pick<Request, "body">,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  if (body !== null) {
    // Leaving the loop early cancels the body.
    for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
      length += chunk.length;
      if (length > maxBytes) return undefined;
      chunks.push(chunk);
    }
  }
  return concatBytes(...chunks);
}
