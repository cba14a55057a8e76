import { type JsonTree, KitError, parseJsonTree, SCHEMAPIN_V1, writeJsonTree } from "@symbiont/kit";
import { SchemaPinError } from "../schemapin-error.ts";
import { isMembers } from "./read-bundle.ts";

const MAX_BYTES = 4 << 20;

/** Asks a peer for its trust bundle, in JSON-RPC. */
export interface TrustBundleRequest {
  readonly jsonrpc: "2.0";
  readonly method: "schemapin/trustBundle";
  readonly params: { readonly domain?: string };
  readonly id: string | number;
}

/**
 * Builds the request for a trust bundle.
 * @param domain asks for this publisher only. Default all.
 */
export function trustBundleRequest(id: string | number, domain?: string): TrustBundleRequest {
  return {
    jsonrpc: "2.0",
    method: "schemapin/trustBundle",
    params: domain === undefined ? {} : { domain },
    id,
  };
}

/**
 * Takes the bundle out of the text of a JSON-RPC response; nothing in it has been verified yet.
 * @returns the bundle's text, for `verifyTrustBundle`.
 * @throws SchemaPinError `SCHEMAPIN_BUNDLE_INVALID` for anything but a result with a bundle.
 */
export function readTrustBundleResponse(text: string | Uint8Array): string {
  const response = parse(text);
  const result = isMembers(response) && !("error" in response) ? response["result"] : undefined;
  const bundle = isMembers(result) ? result["bundle"] : undefined;
  if (!isMembers(bundle))
    throw new SchemaPinError("SCHEMAPIN_BUNDLE_INVALID", "the response holds no trust bundle");
  return writeJsonTree(bundle, SCHEMAPIN_V1);
}

function parse(text: string | Uint8Array): JsonTree {
  try {
    return parseJsonTree(text, { maxBytes: MAX_BYTES, reservedNames: [] });
  } catch (cause) {
    if (!KitError.is(cause)) throw cause;
    throw new SchemaPinError("SCHEMAPIN_BUNDLE_INVALID", "the response is not JSON", { cause });
  }
}
