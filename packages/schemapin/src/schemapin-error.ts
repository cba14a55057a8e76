import { SymbiontError, type SymbiontErrorOptions } from "@symbiont/kit";

/** Codes that the SchemaPin protocol defines, in the lower-case form of its wire. */
export type ProtocolCode =
  | "signature_invalid"
  | "key_not_found"
  | "key_revoked"
  | "key_pin_mismatch"
  | "discovery_fetch_failed"
  | "discovery_invalid"
  | "domain_mismatch"
  | "schema_canonicalization_failed"
  | "canonicalization_unsupported"
  | "a2a_scope_violation"
  | "bundle_unsigned"
  | "bundle_expired";

/** Why a schema, tool or document was refused. */
export type SchemaPinErrorCode =
  | "SCHEMAPIN_SIGNATURE_INVALID"
  | "SCHEMAPIN_SIGNATURE_MISSING"
  | "SCHEMAPIN_KEY_NOT_FOUND"
  | "SCHEMAPIN_KEY_REVOKED"
  | "SCHEMAPIN_KEY_PIN_MISMATCH"
  | "SCHEMAPIN_KEY_NOT_PINNED"
  | "SCHEMAPIN_DISCOVERY_FETCH_FAILED"
  | "SCHEMAPIN_DISCOVERY_INVALID"
  | "SCHEMAPIN_REVOCATION_UNAVAILABLE"
  | "SCHEMAPIN_DOMAIN_INVALID"
  | "SCHEMAPIN_DOMAIN_MISMATCH"
  | "SCHEMAPIN_DNS_RECORD_MISSING"
  | "SCHEMAPIN_DNS_UNAVAILABLE"
  | "SCHEMAPIN_SIGNATURE_EXPIRED"
  | "SCHEMAPIN_SCHEMA_VERSION_MISMATCH"
  | "SCHEMAPIN_LINEAGE_BROKEN"
  | "SCHEMAPIN_A2A_CONTEXT_INVALID"
  | "SCHEMAPIN_A2A_SCOPE_VIOLATION"
  | "SCHEMAPIN_BUNDLE_INVALID"
  | "SCHEMAPIN_BUNDLE_UNSIGNED"
  | "SCHEMAPIN_BUNDLE_EXPIRED"
  | "SCHEMAPIN_BUNDLE_ROLLBACK"
  | "SCHEMAPIN_CANONICALIZATION_FAILED"
  | "SCHEMAPIN_CANONICALIZATION_UNSUPPORTED"
  | "SCHEMAPIN_NOT_PORTABLE"
  | "SCHEMAPIN_ENVELOPE_INVALID"
  | "SCHEMAPIN_UNCOVERED_FIELD"
  | "SCHEMAPIN_COVERAGE_INSUFFICIENT"
  | "SCHEMAPIN_DEFINITION_CHANGED"
  | "SCHEMAPIN_DUPLICATE_TOOL"
  | "SCHEMAPIN_UNKNOWN_SERVER"
  | "SCHEMAPIN_SAME_NAME"
  | "SCHEMAPIN_CROSS_REFERENCE"
  | "SCHEMAPIN_HIDDEN_TEXT"
  | "SCHEMAPIN_NOT_LOCKED"
  | "SCHEMAPIN_LOCK_INVALID"
  | "SCHEMAPIN_REJECTED"
  | "SCHEMAPIN_ENFORCEMENT_REFUSED"
  | "SCHEMAPIN_ATTESTATION_MISSING"
  | "SCHEMAPIN_STATEMENT_INVALID"
  | "SCHEMAPIN_STATEMENT_EXPIRED"
  | "SCHEMAPIN_STATEMENT_ROLLBACK"
  | "SCHEMAPIN_PIN_STORE_CORRUPT"
  | "SCHEMAPIN_PIN_STORE_UNAVAILABLE"
  | "SCHEMAPIN_LEDGER_CORRUPT"
  | "SCHEMAPIN_LEDGER_UNAVAILABLE";

/** Protocol code of each of ours that has one. */
const PROTOCOL_CODES: Readonly<Partial<Record<SchemaPinErrorCode, ProtocolCode>>> = {
  SCHEMAPIN_SIGNATURE_INVALID: "signature_invalid",
  SCHEMAPIN_SIGNATURE_MISSING: "signature_invalid",
  SCHEMAPIN_KEY_NOT_FOUND: "key_not_found",
  SCHEMAPIN_KEY_REVOKED: "key_revoked",
  SCHEMAPIN_KEY_PIN_MISMATCH: "key_pin_mismatch",
  SCHEMAPIN_KEY_NOT_PINNED: "key_pin_mismatch",
  SCHEMAPIN_DISCOVERY_FETCH_FAILED: "discovery_fetch_failed",
  SCHEMAPIN_REJECTED: "key_pin_mismatch",
  SCHEMAPIN_STATEMENT_INVALID: "signature_invalid",
  SCHEMAPIN_DISCOVERY_INVALID: "discovery_invalid",
  SCHEMAPIN_REVOCATION_UNAVAILABLE: "discovery_fetch_failed",
  SCHEMAPIN_DOMAIN_INVALID: "discovery_invalid",
  SCHEMAPIN_DOMAIN_MISMATCH: "domain_mismatch",
  SCHEMAPIN_A2A_SCOPE_VIOLATION: "a2a_scope_violation",
  SCHEMAPIN_BUNDLE_INVALID: "discovery_invalid",
  SCHEMAPIN_BUNDLE_UNSIGNED: "bundle_unsigned",
  SCHEMAPIN_BUNDLE_EXPIRED: "bundle_expired",
  SCHEMAPIN_CANONICALIZATION_FAILED: "schema_canonicalization_failed",
  SCHEMAPIN_CANONICALIZATION_UNSUPPORTED: "canonicalization_unsupported",
};

/** Error of `@symbiont/schemapin`. */
export class SchemaPinError extends SymbiontError<SchemaPinErrorCode> {
  /** The protocol's own code, where it has one for this. */
  readonly protocolCode?: ProtocolCode;

  constructor(code: SchemaPinErrorCode, message: string, options: SymbiontErrorOptions = {}) {
    super(code, message, options);
    const protocolCode = PROTOCOL_CODES[code];
    if (protocolCode !== undefined) this.protocolCode = protocolCode;
  }
}
