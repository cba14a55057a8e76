import { concatBytes, type JsonObject, type JsonValue } from "@symbiont/kit";

/** Largest body that is read, in bytes. */
const MAX_BODY_BYTES = 64 * 1024;

/** Reads the body of a request; undefined when it is too large, of which no more is read than that. */
export async function readBody(request: Request): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  if (request.body !== null) {
    for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
      length += chunk.length;
      if (length > MAX_BODY_BYTES) return undefined;
      chunks.push(chunk);
    }
  }
  return concatBytes(...chunks);
}

/** Whether a JSON value is an object. */
export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
