import { type PrivateKey, sign } from "@symbiont/keys";
import { type Clock, encodeBase64, encodeHex } from "@symbiont/kit";
import { type Statement, signStatement } from "@symbiont/schemapin";
import { parseSkillDocument } from "../format/frontmatter.ts";
import { SkillError } from "../skill-error.ts";
import type { SkillSnapshot } from "../snapshot/skill-snapshot.ts";
import { writeSignatureFile } from "./signature-file.ts";
import { v1Manifest } from "./v1-manifest.ts";
import { assertSound } from "./verify-skill.ts";

/** What is signed about a skill. */
export interface SignSkillOptions {
  /** ES256. */
  readonly key: PrivateKey;
  readonly domain: string;
  /** `1.2.3`; shown and compared. Default none. */
  readonly version?: string;
  /** Epoch milliseconds. Default never. */
  readonly expiresAt?: number;
  /** `sha256:<hex>` of the statement before this one, `attestation.digest` of its verification. Default none. */
  readonly previous?: string;
  /** `sha256:<hex>` of the root of the version before, for readers of format 1. Default none. */
  readonly previousHash?: string;
  /** Who else signs the statement. Default nobody. */
  readonly endorsers?: readonly PrivateKey[];
  /** Default `Date`. */
  readonly clock?: Clock;
}

/**
 * Signs a skill in format 1, which other implementations verify, and beside it in version 2, which authenticates
 * everything. Gives the text of `.schemapin.sig`. The same input gives the same text.
 *
 * @throws SkillError `SKILL_UNSAFE_ENTRY`, `SKILL_NOT_PORTABLE` when implementations would hash it differently,
 * `SKILL_FRONTMATTER_INVALID`, `SKILL_NAME_MISMATCH`
 * @throws SchemaPinError `SCHEMAPIN_STATEMENT_INVALID`
 * @throws TypeError when a key is not an ES256 key.
 */
export function signSkill(snapshot: SkillSnapshot, options: SignSkillOptions): string {
  const { key, domain, version, expiresAt, previous, previousHash, endorsers = [], clock = Date } = options;
  assertSound(snapshot);
  assertPortable(snapshot);
  const name = skillName(snapshot);
  const issued_at = instant(clock.now());
  const expires = expiresAt === undefined ? {} : { expires_at: instant(expiresAt) };
  const statement: Statement = {
    v: 2,
    kind: "skill",
    domain,
    name,
    ...(version === undefined ? {} : { version }),
    issued_at,
    ...expires,
    ...(previous === undefined ? {} : { previous }),
    files: snapshot.files.map(({ path, sha256, size, executable: x }) => ({ path, sha256, size, x })),
  };
  const attestation = signStatement(statement, [key, ...endorsers]);
  const { files, root } = v1Manifest(snapshot);
  return writeSignatureFile({
    schemapin_version: expiresAt === undefined && version === undefined ? "1.3" : "1.4",
    skill_name: name,
    skill_hash: `sha256:${encodeHex(root)}`,
    signature: encodeBase64(sign(key, root, { deterministic: true })),
    signed_at: issued_at,
    ...expires,
    ...(version === undefined ? {} : { schema_version: version }),
    ...(previousHash === undefined ? {} : { previous_hash: previousHash }),
    domain,
    signer_kid: key.publicKey.fingerprint,
    file_manifest: files,
    attestation: { ...attestation, signatures: attestation.signatures.map((one) => ({ ...one })) },
  });
}

/** @throws SkillError `SKILL_NOT_PORTABLE` */
function assertPortable(snapshot: SkillSnapshot): void {
  if (snapshot.problems.some(({ code }) => code === "excluded")) {
    throw notPortable("something was left out", []);
  }
  if (!snapshot.modesKnown) throw notPortable("it is not known what may be executed", []);
  const paths = snapshot.files.map(({ path }) => path);
  const dropped = paths.filter((path) => path.split("/").includes("__proto__"));
  if (dropped.length > 0) throw notPortable("implementations pass over a name", dropped);
  const renamed = paths.filter((path) => path.normalize("NFC") !== path);
  if (renamed.length > 0) throw notPortable("file systems store a name differently", renamed);
  const inOtherOrder = [...paths].sort();
  const moved = paths.filter((path, index) => path !== inOtherOrder[index]);
  if (moved.length > 0) throw notPortable("implementations sort the names differently", moved);
}

function skillName(snapshot: SkillSnapshot): string {
  const bytes = snapshot.bytes("SKILL.md");
  if (bytes === undefined) throw new SkillError("SKILL_FRONTMATTER_INVALID", "there is no SKILL.md");
  const { name } = parseSkillDocument(bytes).frontmatter;
  if (name !== snapshot.directoryName) {
    throw new SkillError("SKILL_NAME_MISMATCH", "the skill is not called like its folder");
  }
  return name;
}

function instant(time: number): string {
  return new Date(Math.floor(time / 1000) * 1000).toISOString().replace(".000Z", "Z");
}

function notPortable(why: string, paths: readonly string[]): SkillError {
  return new SkillError("SKILL_NOT_PORTABLE", `the skill cannot be signed portably: ${why}`, { paths });
}
