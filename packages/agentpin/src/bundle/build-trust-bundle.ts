import type { JsonObject } from "@symbiont/kit";
import { instant } from "../publish/build-discovery-document.ts";
import { TrustBundle } from "./trust-bundle.ts";

/** What goes into a bundle. */
export interface BuildTrustBundleOptions {
  readonly documents: readonly JsonObject[];
  readonly revocations: readonly JsonObject[];
  /** Seconds since the epoch. Default now. */
  readonly createdAt?: number;
}

/**
 * Builds a bundle, and reads it as a verifier would.
 * @throws AgentPinError as `TrustBundle.from` does.
 */
export function buildTrustBundle(options: BuildTrustBundleOptions): JsonObject {
  const { documents, revocations, createdAt = Math.floor(Date.now() / 1000) } = options;
  const bundle: JsonObject = {
    agentpin_bundle_version: "0.1",
    created_at: instant(createdAt),
    documents,
    revocations,
  };
  TrustBundle.from(bundle);
  return bundle;
}
