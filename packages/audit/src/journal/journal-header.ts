import { sha256Hex } from "@symbiont/keys";
import { canonicalJson, excerpt, type JsonObject, parseJson } from "@symbiont/kit";
import { AuditError } from "../audit-error.ts";
import { formatVerifierKey, parseVerifierKey, type VerifierKey } from "../notes/verifier-key.ts";

/** What a journal says about itself in `log.json`; its hash is what the first record is chained to. */
export interface JournalHeader {
  readonly v: 1;
  readonly format: "audit-journal";
  /** The journal's name, fixed for its life: `<organisation>/<service>/audit/<instance>`. */
  readonly origin: string;
  /** RFC 3339 UTC. */
  readonly created: string;
  readonly hash: "rfc6962-sha256";
  /** The key that signs its checkpoints at first. */
  readonly key: string;
}

/** Builds the header of a new journal. */
export function journalHeader(key: VerifierKey, createdMs: number): JournalHeader {
  return {
    v: 1,
    format: "audit-journal",
    origin: key.name,
    created: new Date(createdMs).toISOString(),
    hash: "rfc6962-sha256",
    key: formatVerifierKey(key),
  };
}

/** What the first record is chained to: lower-case hex SHA-256 of the canonical header. */
export function genesisHash(header: JournalHeader): string {
  return sha256Hex(canonicalJson(header));
}

/**
 * Reads a header.
 * @throws AuditError `AUDIT_CORRUPT` when it is not the canonical header of a version that is known.
 */
export function parseJournalHeader(text: string): JournalHeader {
  let header: JsonObject;
  try {
    header = parseJson(text) as JsonObject;
    if (canonicalJson(header) !== text) throw new Error("not canonical");
  } catch (cause) {
    throw new AuditError("AUDIT_CORRUPT", "journal header is not canonical JSON", { cause });
  }
  const { v, format, origin, created, hash, key } = header;
  const known = v === 1 && format === "audit-journal" && hash === "rfc6962-sha256";
  if (!known || typeof origin !== "string" || typeof created !== "string" || typeof key !== "string") {
    throw new AuditError("AUDIT_CORRUPT", `journal header is of an unknown kind: ${excerpt(text, 80)}`);
  }
  if (parseVerifierKey(key).name !== origin) {
    throw new AuditError("AUDIT_CORRUPT", "journal header names a key of another journal");
  }
  return { v, format, origin, created, hash, key };
}
