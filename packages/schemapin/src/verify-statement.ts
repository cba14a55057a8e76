import { type PrivateKey, sha256Hex } from "@symbiont/keys";
import { type Clock, encodeUtf8 } from "@symbiont/kit";
import { type DsseEnvelope, type DsseTrust, signDsse, verifyDsse } from "./dsse.ts";
import { SchemaPinError } from "./schemapin-error.ts";
import {
  parseStatement,
  STATEMENT_TYPE,
  type Statement,
  statementInstant,
  writeStatement,
} from "./statement.ts";

/** Whose word counts, and about what. */
export interface VerifyStatementOptions extends DsseTrust {
  /** The publisher's domain, as the operator knows it. */
  readonly domain: string;
  readonly kind: Statement["kind"];
  readonly name: string;
  /** Default `Date`. */
  readonly clock?: Clock;
}

/** A statement whose signatures hold, of the right domain, kind and name, and of today. */
export interface VerifiedStatement {
  readonly statement: Statement;
  /** Fingerprints of the keys that signed. */
  readonly signers: ReadonlySet<string>;
  /** `sha256:<hex>` of its payload, which the next statement names as `previous`. */
  readonly digest: string;
  /** Epoch milliseconds. */
  readonly issuedAt: number;
}

/** Clocks of publishers and verifiers differ. */
const SKEW_MS = 60_000;

/**
 * Signs a statement of version 2, our proposal: unlike in protocol 1.4 everything in it is authenticated.
 * @param keys ES256; several endorse together.
 * @throws SchemaPinError `SCHEMAPIN_STATEMENT_INVALID`
 * @throws TypeError when there is no key, or one is not an ES256 key.
 */
export function signStatement(statement: Statement, keys: readonly PrivateKey[]): DsseEnvelope {
  return signDsse(STATEMENT_TYPE, encodeUtf8(writeStatement(statement)), keys);
}

/**
 * Verifies a statement: first the bytes, then that they are the canonical form of what they say, then what they say.
 *
 * @throws SchemaPinError `SCHEMAPIN_SIGNATURE_INVALID`, also for signed bytes that are no statement;
 * `SCHEMAPIN_KEY_NOT_FOUND`, `SCHEMAPIN_DOMAIN_MISMATCH`, `SCHEMAPIN_STATEMENT_INVALID` when it is about something else
 * or from the future; `SCHEMAPIN_STATEMENT_EXPIRED`.
 */
export function verifyStatement(envelope: unknown, options: VerifyStatementOptions): VerifiedStatement {
  const { payload, signers } = verifyDsse(envelope, STATEMENT_TYPE, options);
  const statement = read(payload);
  if (statement.domain !== options.domain) {
    throw new SchemaPinError("SCHEMAPIN_DOMAIN_MISMATCH", "the statement is of another domain");
  }
  if (statement.kind !== options.kind || statement.name !== options.name) {
    throw new SchemaPinError("SCHEMAPIN_STATEMENT_INVALID", "the statement is about something else");
  }
  const now = (options.clock ?? Date).now();
  const issuedAt = statementInstant(statement.issued_at) ?? Number.POSITIVE_INFINITY;
  if (issuedAt > now + SKEW_MS) {
    throw new SchemaPinError("SCHEMAPIN_STATEMENT_INVALID", "the statement was issued in the future");
  }
  const expiresAt = statementInstant(statement.expires_at);
  if (expiresAt !== undefined && expiresAt <= now - SKEW_MS) {
    throw new SchemaPinError("SCHEMAPIN_STATEMENT_EXPIRED", "the statement has expired");
  }
  return { statement, signers, digest: `sha256:${sha256Hex(payload)}`, issuedAt };
}

/** To a verifier, signed bytes that are no statement are as good as unsigned. */
function read(payload: Uint8Array): Statement {
  try {
    return parseStatement(payload);
  } catch (cause) {
    throw new SchemaPinError("SCHEMAPIN_SIGNATURE_INVALID", "what is signed is not a statement", { cause });
  }
}
