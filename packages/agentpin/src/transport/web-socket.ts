import { type JsonValue, parseJson } from "@symbiont/kit";

const FRAME_TYPE = "agentpin-auth";
const MAX_FRAME_BYTES = 16_384;

/** Metadata key that carries a credential in gRPC. */
export const GRPC_METADATA_KEY = "agentpin-credential";

/** The first text frame of a connection, which carries the credential. */
export function webSocketFrame(credential: string): string {
  return JSON.stringify({ type: FRAME_TYPE, credential });
}

/** Finds the credential in such a frame; undefined for anything else. */
export function credentialFromWebSocketFrame(frame: unknown): string | undefined {
  if (typeof frame !== "string") return undefined;
  let value: JsonValue;
  try {
    value = parseJson(frame, { maxBytes: MAX_FRAME_BYTES, maxDepth: 2 });
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const { type, credential } = value as Readonly<Record<string, JsonValue>>;
  return type === FRAME_TYPE && typeof credential === "string" && credential !== "" ? credential : undefined;
}
