import type { Clock } from "@symbiont/kit";
import { encodeHex } from "@symbiont/kit";
import {
  type ClaimsReport,
  changedPin,
  checkCanonicalization,
  checkClaims,
  checkPin,
  checkRevocation,
  type PinId,
  type PinStore,
  type PublisherOptions,
  type PublisherWarning,
  publisherOf,
  SchemaPinError,
  type StoredPin,
  seenAgain,
} from "@symbiont/schemapin";
import { SkillError } from "../skill-error.ts";
import { SIGNATURE_FILE } from "../snapshot/entry-name.ts";
import type { SkillSnapshot } from "../snapshot/skill-snapshot.ts";
import { type CheckedAttestation, checkAttestation } from "./check-attestation.ts";
import { parseSignatureFile, type SignatureFile } from "./signature-file.ts";
import { v1Manifest } from "./v1-manifest.ts";
import { checkV1Signature } from "./verify-v1.ts";

/** Whose signature counts, and how strictly. */
export interface VerifySkillOptions extends Omit<PublisherOptions, "domain"> {
  /** The publisher's domain, as the operator knows it. May only be left out in `permissive`: the file names it then. */
  readonly domain?: string;
  readonly pins: PinStore;
  /** What the pin is filed under. Default: the folder's name. Never what the skill says about itself. */
  readonly id?: string;
  readonly mode: "strict" | "permissive";
  readonly firstUse: "trust" | "refuse";
  /** Whether a statement of version 2 is needed. Format 1 alone authenticates neither names nor times. */
  readonly requireAttestation: boolean;
  /** Whether a signature of the Go implementation counts, which hashes once. Default `false`. */
  readonly goSingle?: boolean;
  /** Default `Date`. */
  readonly clock?: Clock;
}

/** A signature that holds, by a key that counts. */
export interface VerifiedSkillSignature {
  readonly domain: string;
  /** Of the key. */
  readonly fingerprint: string;
  readonly developerName?: string;
  readonly pin: "first_use" | "pinned";
  /** What is said beside the signature of format 1; nothing of it is authenticated. */
  readonly claims: ClaimsReport & { readonly authenticated: false };
  /** The statement of version 2, all of which is authenticated. */
  readonly attestation?: CheckedAttestation;
  readonly warnings: readonly PublisherWarning[];
  /** To be stored once the skill is admitted; absent when nothing changes. */
  readonly pinToStore?: StoredPin;
}

/**
 * Verifies who signed a skill, over the bytes of the snapshot. Pins are read, not written.
 *
 * @throws SchemaPinError, SkillError `SKILL_UNSAFE_ENTRY`, `SKILL_DOMAIN_MISSING`, `SKILL_VERSION_ROLLBACK`
 */
export async function verifySkill(
  snapshot: SkillSnapshot,
  options: VerifySkillOptions,
): Promise<VerifiedSkillSignature> {
  assertSound(snapshot);
  const file = signatureFileOf(snapshot);
  const { mode, pins, clock = Date } = options;
  const domain = domainOf(file, options);
  checkCanonicalization(file.canonicalization);
  const { domain: _, ...documents } = options;
  const { document, revoked, warnings } = await publisherOf({ ...documents, domain });
  const { publicKey: key, developerName } = document;
  checkRevocation(key, revoked);

  const id: PinId = { kind: "skill", domain, subject: options.id ?? snapshot.directoryName };
  const pinned = await pins.get(id);
  checkPin(key, pinned, options.firstUse);
  const manifest = v1Manifest(snapshot);
  const goSingle = options.goSingle ?? false;
  checkV1Signature(file, manifest, { key, goSingle });
  const claims = checkClaims(file, { mode, now: clock.now() });

  const about = { key, domain, name: snapshot.directoryName, pinned, clock };
  const attestation = attested(file, snapshot, options.requireAttestation, about);
  const seen = {
    fingerprint: key.fingerprint,
    digest: attestation?.digest ?? `sha256:${encodeHex(manifest.root)}`,
    ...(attestation === undefined ? {} : { issuedAt: attestation.issuedAt }),
    ...(attestation?.statement.version === undefined ? {} : { definition: attestation.statement.version }),
  };
  const now = clock.now();
  const pin =
    pinned === undefined ? changedPin(undefined, seen, { now, trust: "tofu" }) : seenAgain(pinned, seen, now);
  return {
    domain,
    fingerprint: key.fingerprint,
    ...(developerName === undefined ? {} : { developerName }),
    pin: pinned === undefined ? "first_use" : "pinned",
    claims: { ...claims, authenticated: false },
    ...(attestation === undefined ? {} : { attestation }),
    warnings,
    ...(pin === undefined ? {} : { pinToStore: { id, pin } }),
  };
}

/** @throws SkillError `SKILL_UNSAFE_ENTRY` when the folder held what a skill may not hold. */
export function assertSound(snapshot: SkillSnapshot): void {
  const isSigned = snapshot.bytes(SIGNATURE_FILE) !== undefined;
  const refused = snapshot.problems.filter(
    ({ code, weight }) => weight === "refuse" || (code === "excluded" && isSigned),
  );
  const [first] = refused;
  if (first === undefined) return;
  throw new SkillError("SKILL_UNSAFE_ENTRY", `the folder holds what a skill may not hold: ${first.code}`, {
    paths: refused.map(({ path }) => path),
  });
}

function signatureFileOf(snapshot: SkillSnapshot): SignatureFile {
  const bytes = snapshot.bytes(SIGNATURE_FILE);
  if (bytes === undefined) {
    throw new SchemaPinError("SCHEMAPIN_SIGNATURE_MISSING", "the skill is not signed");
  }
  return parseSignatureFile(bytes);
}

function domainOf(file: SignatureFile, { domain, mode }: VerifySkillOptions): string {
  if (domain === undefined) {
    if (mode === "permissive") return file.domain;
    throw new SkillError("SKILL_DOMAIN_MISSING", "the operator has to say whose skill it is");
  }
  if (file.domain.toLowerCase() !== domain.toLowerCase()) {
    throw new SchemaPinError("SCHEMAPIN_DOMAIN_MISMATCH", "the skill is signed for another domain");
  }
  return domain;
}

function attested(
  file: SignatureFile,
  snapshot: SkillSnapshot,
  isRequired: boolean,
  about: Parameters<typeof checkAttestation>[2],
): CheckedAttestation | undefined {
  if (file.attestation !== undefined) return checkAttestation(file.attestation, snapshot, about);
  // Once there was one, its absence is how an old version would be passed off as new.
  if (!isRequired && about.pinned?.issuedAt === undefined) return undefined;
  throw new SchemaPinError("SCHEMAPIN_ATTESTATION_MISSING", "the skill has no statement of version 2");
}
