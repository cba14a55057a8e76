import type { ConformanceSuite } from "../../../scripts/conformance/suite.ts";
import { bundles } from "./conformance/bundles.ts";
import { cacheSemantics } from "./conformance/cache-semantics.ts";
import { capabilities } from "./conformance/capabilities.ts";
import { constraints } from "./conformance/constraints.ts";
import { delegation } from "./conformance/delegation.ts";
import { documents } from "./conformance/documents.ts";
import { fetchVectors } from "./conformance/fetch.ts";
import { jwk } from "./conformance/jwk.ts";
import { keys } from "./conformance/keys.ts";
import { mutual } from "./conformance/mutual.ts";
import { pinning } from "./conformance/pinning.ts";
import { transport } from "./conformance/transport.ts";
import { verification } from "./conformance/verification.ts";

/** Checks of every vector file; see vectors/agentpin/README.md. */
export const suite: ConformanceSuite = {
  // First those that name what the others use.
  "agentpin/documents.json": documents,
  "agentpin/keys.json": keys,
  "agentpin/verification.json": verification,
  "agentpin/jwk.json": jwk,
  "agentpin/capabilities.json": capabilities,
  "agentpin/constraints.json": constraints,
  "agentpin/delegation.json": delegation,
  "agentpin/bundles.json": bundles,
  "agentpin/pinning.json": pinning,
  "agentpin/fetch.json": fetchVectors,
  "agentpin/mutual.json": mutual,
  "agentpin/transport-dns-a2a.json": transport,
  "agentpin/cache-semantics.json": cacheSemantics,
};
