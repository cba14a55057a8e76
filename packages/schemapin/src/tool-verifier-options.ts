import type { AuditSink, Clock, Environment } from "@symbiont/kit";
import type { DocumentResolver } from "./discovery/document-resolver.ts";
import type { TrustLedger } from "./discovery/trust-ledger.ts";
import type { DnsPolicy } from "./dns/check-dns.ts";
import type { DsseTrust } from "./dsse.ts";
import type { EnforcementMode } from "./enforcement.ts";
import type { DecisionOptions } from "./pin-decisions.ts";
import type { PinStore } from "./pin-store.ts";
import type { ToolEnvelope } from "./tool-envelope.ts";

/** What the operator knows about one server: its publisher's documents, or where they are found. */
export interface ServerTrust {
  /** Domain of the publisher. A signature for another domain does not count. */
  readonly domain: string;
  /**
   * Parsed JSON of the publisher's discovery document. It or `resolver` is required, unless there is a `lock` or
   * `mode` lets unsigned tools pass; then no signature of the server's tools counts.
   */
  readonly discovery?: unknown;
  /** Parsed JSON of its standalone revocation document, when it has one. Goes with `discovery`. */
  readonly revocation?: unknown;
  /** Asked again whenever what it gave before may no longer be used, so that a newer revocation counts. */
  readonly resolver?: DocumentResolver;
  /** Signatures by tool name, for a server that does not send its own. They win over what the server sends. */
  readonly envelopes?: ReadonlyMap<string, ToolEnvelope>;
  /**
   * Digests by tool name, for a server whose tools nobody signs: exactly these tools are admitted, and signatures are
   * not looked at. See `writeToolLock`.
   */
  readonly lock?: ReadonlyMap<string, string>;
  /** Keys of which so many must have signed each tool's statement beside the publisher. Default: none. */
  readonly endorsers?: DsseTrust;
}

/** How tools are verified. */
export interface SchemaPinToolVerifierOptions {
  /** By the operator's id of each server. A server that is not here has no tools. */
  readonly servers: ReadonlyMap<string, ServerTrust>;
  readonly pins: PinStore;
  /**
   * `strict`: only signed tools, and every visible member signed. `permissive`: unsigned tools are admitted with a
   * warning and pinned by their content; members that are not signed are left out. In both, a signature that does not
   * hold and an unsigned change block. `development` and `disabled`: see {@link EnforcementMode}; both are refused in
   * production.
   */
  readonly mode: EnforcementMode;
  /** Whether development mode admits unsigned tools, with a warning. Default `false`. */
  readonly allowSkippedInDevelopment?: boolean;
  /** Whether something that was never seen may be trusted and pinned. Default: `refuse` in production, else `trust`. */
  readonly firstUse?: "trust" | "refuse";
  /**
   * What to do when a tool changed and the change is correctly signed. Default `"review"`: it is asked about, and
   * blocked when there is nobody to ask.
   */
  readonly onSignedChange?: "accept" | "review" | "block";
  /** Remembers revoked keys. Default in memory: a `FileTrustLedger` also remembers them after a restart. */
  readonly ledger?: TrustLedger;
  /** Whether DNS must confirm publishers' keys. Default off. */
  readonly dns?: DnsPolicy;
  /** Who decides about first use that is refused, keys that changed and signed changes. Default: nobody. */
  readonly decisions?: DecisionOptions;
  /** Whether each tool needs a statement of version 2, which authenticates domain, version and times. Default `false`. */
  readonly requireAuthenticatedMetadata?: boolean;
  /** A tool whose name another server has already: `block` blocks in strict mode. Default `"block"`. */
  readonly sameNames?: "block" | "warn";
  /** Takes decisions of people, and each call in a mode that is refused in production; then it is required. */
  readonly audit?: AuditSink;
  /** Default: the environment of the process. */
  readonly env?: Environment;
  /** Default `Date`. */
  readonly clock?: Clock;
}
