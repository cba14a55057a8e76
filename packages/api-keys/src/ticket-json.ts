import { parseJson } from "@symbiont/kit";
import { ApiKeyError } from "./errors.ts";
import type { Ticket } from "./ticket-store.ts";

/** Writes a ticket for a store of texts. */
export function writeTicket({ keyId, version, origin }: Ticket): string {
  return JSON.stringify({ keyId, version, origin });
}

/** @throws ApiKeyError `API_KEY_STORE_CORRUPT` for anything that {@link writeTicket} does not write. */
export function readTicket(text: unknown): Ticket {
  const { keyId, version, origin } = readObject(text);
  if (typeof keyId !== "string" || !Number.isSafeInteger(version)) throw corrupt();
  if (origin !== null && typeof origin !== "string") throw corrupt();
  return { keyId, version: version as number, origin };
}

function readObject(text: unknown): { readonly [name in keyof Ticket]?: unknown } {
  if (typeof text !== "string") throw corrupt();
  let json: unknown;
  try {
    json = parseJson(text);
  } catch (cause) {
    throw corrupt(cause);
  }
  if (typeof json !== "object" || json === null) throw corrupt();
  return json;
}

function corrupt(cause?: unknown): ApiKeyError {
  return new ApiKeyError("API_KEY_STORE_CORRUPT", "a stored ticket is not one", { cause });
}
