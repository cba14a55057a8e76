import type { PublicKey } from "@symbiont/keys";
import type { Clock } from "@symbiont/kit";
import {
  type Pin,
  SchemaPinError,
  type StatementFile,
  type VerifiedStatement,
  verifyStatement,
} from "@symbiont/schemapin";
import { SkillError } from "../skill-error.ts";
import type { SkillSnapshot } from "../snapshot/skill-snapshot.ts";
import { compareVersions } from "./compare-versions.ts";

/** What an attestation is checked against. */
export interface AttestationCheck {
  readonly key: PublicKey;
  readonly domain: string;
  readonly name: string;
  readonly pinned: Pin | undefined;
  readonly clock: Clock;
}

/** A statement about exactly these files. */
export interface CheckedAttestation extends VerifiedStatement {
  /** How it follows what was pinned: `gap` when versions between were not seen. */
  readonly lineage: "first" | "same" | "successor" | "gap";
}

/**
 * Checks that a statement is about exactly the files of the snapshot and not older than what was seen.
 *
 * @throws SchemaPinError as `verifyStatement`; `SCHEMAPIN_SIGNATURE_INVALID` when the files are others,
 * `SCHEMAPIN_STATEMENT_ROLLBACK`, `SCHEMAPIN_LINEAGE_BROKEN` for two statements of one instant.
 * @throws SkillError `SKILL_VERSION_ROLLBACK`
 */
export function checkAttestation(
  envelope: unknown,
  snapshot: SkillSnapshot,
  { key, domain, name, pinned, clock }: AttestationCheck,
): CheckedAttestation {
  const verified = verifyStatement(envelope, { kind: "skill", domain, name, keys: [key], clock });
  const { statement, digest, issuedAt } = verified;
  if (statement.kind !== "skill" || !sameFiles(statement.files, snapshot)) {
    throw new SchemaPinError("SCHEMAPIN_SIGNATURE_INVALID", "the files are not those of the statement");
  }
  if (pinned?.issuedAt === undefined) return { ...verified, lineage: "first" };
  if (pinned.digest === digest) return { ...verified, lineage: "same" };
  if (issuedAt < pinned.issuedAt) {
    throw new SchemaPinError("SCHEMAPIN_STATEMENT_ROLLBACK", "a newer statement was seen before");
  }
  if (issuedAt === pinned.issuedAt) {
    throw new SchemaPinError("SCHEMAPIN_LINEAGE_BROKEN", "another statement of the same instant was seen");
  }
  const before = pinned.definition;
  if (
    before !== undefined &&
    statement.version !== undefined &&
    compareVersions(statement.version, before) < 0
  ) {
    throw new SkillError("SKILL_VERSION_ROLLBACK", "a newer version was seen before");
  }
  return { ...verified, lineage: statement.previous === pinned.digest ? "successor" : "gap" };
}

function sameFiles(stated: readonly StatementFile[], { files, modesKnown }: SkillSnapshot): boolean {
  return (
    stated.length === files.length &&
    stated.every(({ path, sha256, size, x }, index) => {
      const file = files[index];
      return (
        file !== undefined &&
        file.path === path &&
        file.sha256 === sha256 &&
        file.size === size &&
        (file.executable === x || !modesKnown)
      );
    })
  );
}
