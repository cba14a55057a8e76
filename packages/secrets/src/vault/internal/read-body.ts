import { SecretError } from "../../errors.ts";

/**
 * Reads the body of an answer, decompressed.
 * @throws SecretError `SECRET_TOO_LARGE`; what the stream throws when it is cut off.
 */
export async function readBody(response: Response, maxBytes: number): Promise<Uint8Array> {
  if (Number(response.headers.get("content-length") ?? 0) > maxBytes) {
    await response.body?.cancel();
    throw tooLarge(maxBytes);
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Counted as it arrives: neither a missing length nor a compressed flood gets past the limit.
  const body: AsyncIterable<Uint8Array> | undefined = response.body ?? undefined;
  if (body === undefined) return new Uint8Array(0);
  for await (const chunk of body) {
    length += chunk.length;
    if (length > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(maxBytes: number): SecretError {
  return new SecretError("SECRET_TOO_LARGE", `the answer of Vault is larger than ${maxBytes} bytes`);
}
