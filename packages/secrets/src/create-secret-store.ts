import type { AuditSink, Principal } from "@symbiont/kit";
import type { SecretBackend } from "./backend.ts";
import type { SecretMetadata } from "./secret-metadata.ts";
import type { SecretStore } from "./store.ts";

/** What every kind of store takes. */
export interface SecretStoreOptions {
  /** Learns of every access: an attempt before, the outcome after. Default nobody. */
  readonly audit?: AuditSink;
  /** What happens when the sink refuses: `strict` fails the access, `permissive` goes on. Default `strict`. */
  readonly auditMode?: "strict" | "permissive";
  /** Who uses this store, for the audit. Default the system itself. */
  readonly actor?: Pick<Principal, "kind" | "id">;
  /** Called once for every version that is read after its `rotateAfter`. Default nobody. */
  readonly onRotationDue?: (metadata: SecretMetadata) => void;
  /** Epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

/** Makes a store of a back end: adds names, scopes, expiry, handles and auditing. */
export declare function createSecretStore(backend: SecretBackend, options?: SecretStoreOptions): SecretStore;
