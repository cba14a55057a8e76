import { SecretError } from "../../errors.ts";
import type { VaultFetchResponse } from "../vault-fetch.ts";

/**
 * Reads the body of an answer, decompressed.
 * @throws SecretError `SECRET_TOO_LARGE`; what the stream throws when it is cut off.
 */
export async function readBody(response: VaultFetchResponse, maxBytes: number): Promise<Uint8Array> {
  const reader = response.body?.getReader();
  if (reader === undefined) return new Uint8Array(0);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done || value === undefined) return Buffer.concat(chunks);
    // Counted as it arrives: neither a missing length nor a compressed flood gets past the limit.
    length += value.length;
    if (length > maxBytes) {
      await reader.cancel();
      throw new SecretError("SECRET_TOO_LARGE", `the answer of Vault is larger than ${maxBytes} bytes`);
    }
    chunks.push(value);
  }
}
