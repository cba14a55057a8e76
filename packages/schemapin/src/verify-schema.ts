import type { PublicKey } from "@symbiont/keys";
import type { Clock } from "@symbiont/kit";
import { processEnvironment } from "@symbiont/kit";
import { type A2aContext, checkA2aContext } from "./a2a-context.ts";
import type { SchemaInput } from "./canonicalize.ts";
import type { PublisherWarning } from "./discovery/publisher.ts";
import { type PublisherOptions, publisherOf } from "./discovery/publisher-of.ts";
import { defaultFirstUse } from "./environment.ts";
import type { Pin, PinId, PinStore } from "./pin-store.ts";
import { SchemaPinError } from "./schemapin-error.ts";
import type { VerifyProfile } from "./verify-profile.ts";
import { verifySignature } from "./verify-signature.ts";

/** What a schema is verified with. */
export interface VerifySchemaOptions extends PublisherOptions {
  /** DER signature in base64. */
  readonly signature: string;
  /** Names the schema within the domain. */
  readonly toolId: string;
  /** Canonicalization that the signer declares. Default `schemapin-v1`, the only one there is. */
  readonly canonicalization?: string | null;
  /** On whose behalf the schema is used: all contexts of a delegation. They can only refuse. Default nobody's. */
  readonly a2a?: A2aContext | readonly A2aContext[];
  /** Whether a signature of the Go implementation counts, which hashes once. Default `false`. */
  readonly goSingle?: boolean;
  readonly pins: PinStore;
  /** Whether a key that was never seen may be trusted and pinned. Default: `refuse` in production, else `trust`. */
  readonly firstUse?: "trust" | "refuse";
  /** Default `Date`. */
  readonly clock?: Clock;
}

/** A schema whose publisher is known. */
export interface VerifiedSchema {
  readonly domain: string;
  readonly toolId: string;
  /** `sha256:<hex>` over the canonical text. */
  readonly digest: string;
  /** Fingerprint of the key that signed. */
  readonly fingerprint: string;
  /** Whose way of writing the schema was signed. */
  readonly profile: VerifyProfile;
  readonly pin: "first_use" | "pinned";
  readonly developerName?: string;
  readonly warnings: readonly PublisherWarning[];
}

/**
 * Verifies a signed schema in the order of the protocol, and pins its key when everything else has passed.
 *
 * Differs from Symbiont: the SHA-256 digest of the canonical form is what is signed, as the SchemaPin protocol says;
 * Symbiont's runtime signs the schema's text in another, embedded form.
 *
 * @throws SchemaPinError; its `protocolCode` is the protocol's own. Nothing is pinned when it throws.
 */
export async function verifySchema(
  schema: SchemaInput,
  options: VerifySchemaOptions,
): Promise<VerifiedSchema> {
  checkCanonicalization(options.canonicalization);
  const { toolId, pins, a2a, clock = Date } = options;
  if (a2a !== undefined) checkA2aContext(a2a, options.domain);
  const { domain, document, revoked, warnings } = await publisherOf(options);
  const { publicKey, developerName } = document;
  checkRevocation(publicKey, revoked);

  const id: PinId = { kind: "tool", domain, subject: toolId };
  const pinned = await pins.get(id);
  checkPin(publicKey, pinned, options.firstUse ?? defaultFirstUse(processEnvironment()));

  const { signature, goSingle = false } = options;
  const { digest, profile } = verifySignature(schema, { signature, key: publicKey, goSingle });
  if (pinned === undefined) {
    const pin: Pin = { fingerprint: publicKey.fingerprint, firstSeen: clock.now(), trust: "tofu" };
    await pins.put([{ id, pin }]);
  }
  return {
    domain,
    toolId,
    digest,
    fingerprint: publicKey.fingerprint,
    profile,
    pin: pinned === undefined ? "first_use" : "pinned",
    ...(developerName === undefined ? {} : { developerName }),
    warnings,
  };
}

/** @throws SchemaPinError `SCHEMAPIN_CANONICALIZATION_UNSUPPORTED` */
export function checkCanonicalization(declared: unknown): void {
  if (declared === undefined || declared === null || declared === "schemapin-v1") return;
  throw new SchemaPinError(
    "SCHEMAPIN_CANONICALIZATION_UNSUPPORTED",
    "the declared canonicalization is not known",
  );
}

/** @throws SchemaPinError `SCHEMAPIN_KEY_REVOKED` */
export function checkRevocation(key: PublicKey, revoked: ReadonlySet<string>): void {
  if (revoked.has(key.fingerprint))
    throw new SchemaPinError("SCHEMAPIN_KEY_REVOKED", "the publisher's key is revoked");
}

/** @throws SchemaPinError `SCHEMAPIN_KEY_PIN_MISMATCH`, `SCHEMAPIN_KEY_NOT_PINNED` */
export function checkPin(key: PublicKey, pinned: Pin | undefined, firstUse: "trust" | "refuse"): void {
  if (pinned?.fingerprint === key.fingerprint) return;
  if (pinned !== undefined) {
    throw new SchemaPinError(
      "SCHEMAPIN_KEY_PIN_MISMATCH",
      "the publisher's key is not the one that was pinned",
    );
  }
  if (firstUse !== "trust") {
    throw new SchemaPinError(
      "SCHEMAPIN_KEY_NOT_PINNED",
      "the publisher's key is not pinned, and first use is refused",
    );
  }
}
