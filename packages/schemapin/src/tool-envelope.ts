import type { PrivateKey } from "@symbiont/keys";
import { type Clock, excerpt, type JsonObject, type ToolDefinition } from "@symbiont/kit";
import type { SignatureClaims } from "./claims/signature-claims.ts";
import type { DsseEnvelope } from "./dsse.ts";
import { SchemaPinError } from "./schemapin-error.ts";
import { signSchema } from "./sign-schema.ts";
import { signStatement } from "./verify-statement.ts";

/** Where the envelope stands in a tool's `_meta`. */
export const ENVELOPE_KEY = "org.schemapin/signature";

/** A member of a tool that a model or a person sees, and that can be signed. */
export type SignableField =
  | "name"
  | "title"
  | "description"
  | "inputSchema"
  | "outputSchema"
  | "annotations"
  | "icons";

/** Every {@link SignableField}. */
export const SIGNABLE_FIELDS: readonly SignableField[] = [
  "name",
  "title",
  "description",
  "inputSchema",
  "outputSchema",
  "annotations",
  "icons",
];

/** A publisher's signature of one tool. All but `fields` and `signature` is unauthenticated. */
export interface ToolEnvelope {
  readonly schemapin_version: string;
  readonly canonicalization: "schemapin-v1";
  readonly domain: string;
  readonly signer_kid: string;
  /** RFC 3339. */
  readonly signed_at: string;
  /** RFC 3339. */
  readonly expires_at?: string;
  /** The publisher's own version of the tool. */
  readonly schema_version?: string;
  /** `sha256:<hex>` of the tool's definition before. */
  readonly previous_hash?: string;
  /** The members that are signed. */
  readonly fields: readonly SignableField[];
  readonly signature: string;
  /** A statement of version 2 about the same tool, which authenticates what this envelope does not. */
  readonly attestation?: DsseEnvelope;
}

const REQUIRED_FIELDS: readonly SignableField[] = ["name", "description", "inputSchema"];
const KNOWN_ANNOTATIONS: ReadonlySet<string> = new Set([
  "title",
  "readOnlyHint",
  "destructiveHint",
  "idempotentHint",
  "openWorldHint",
]);
const KNOWN_ICON_MEMBERS: ReadonlySet<string> = new Set(["src", "mimeType", "sizes", "theme"]);

/** Who signs a tool. */
export interface SignToolOptions {
  /** ES256 key whose public half the domain's discovery document names. */
  readonly key: PrivateKey;
  readonly domain: string;
  /** Epoch milliseconds. Default never. */
  readonly expiresAt?: number;
  /** Your own version of the tool. Default absent. */
  readonly schemaVersion?: string;
  /** `sha256:<hex>` of the definition before this one. Default absent. */
  readonly previousHash?: string;
  /** Adds a statement of version 2, which authenticates the domain, the times, and these. Default: none. */
  readonly attestation?: ToolAttestation;
  /** Default `Date`. */
  readonly clock?: Clock;
}

/** What a statement says beside the tool. */
export interface ToolAttestation {
  readonly version?: string;
  /** Epoch milliseconds, to the second. */
  readonly expiresAt?: number;
  /** `sha256:<hex>`, digest of the statement before this one. */
  readonly previous?: string;
  /** Keys that endorse the statement beside the publisher's. */
  readonly endorsers?: readonly PrivateKey[];
}

/**
 * Signs everything of a tool that a model or a person sees.
 * @throws SchemaPinError `SCHEMAPIN_NOT_PORTABLE`, also for members that MCP clients drop on the way (then no
 * signature could hold); `SCHEMAPIN_COVERAGE_INSUFFICIENT` when the tool has no description;
 * `SCHEMAPIN_STATEMENT_INVALID` when its attestation cannot be written.
 */
export function signTool(tool: ToolDefinition, options: SignToolOptions): ToolEnvelope {
  const { key, domain, expiresAt, schemaVersion, previousHash, clock = Date } = options;
  refuseDropped(tool.annotations, KNOWN_ANNOTATIONS, "annotations");
  for (const icon of tool.icons ?? []) refuseDropped(icon as JsonObject, KNOWN_ICON_MEMBERS, "icons");
  const fields = SIGNABLE_FIELDS.filter((field) => tool[field] !== undefined);
  checkCoverage(fields);
  return {
    schemapin_version: "1.4",
    canonicalization: "schemapin-v1",
    domain,
    signer_kid: key.publicKey.fingerprint,
    signed_at: new Date(clock.now()).toISOString(),
    ...(expiresAt === undefined ? {} : { expires_at: new Date(expiresAt).toISOString() }),
    ...(schemaVersion === undefined ? {} : { schema_version: schemaVersion }),
    ...(previousHash === undefined ? {} : { previous_hash: previousHash }),
    fields,
    signature: signSchema(signedMembers(tool, fields), key).signature,
    ...(options.attestation === undefined
      ? {}
      : { attestation: attest(tool.name, signedMembers(tool, fields), options.attestation, options) }),
  };
}

function attest(
  name: string,
  tool: JsonObject,
  { version, expiresAt, previous, endorsers = [] }: ToolAttestation,
  { key, domain, clock = Date }: SignToolOptions,
): DsseEnvelope {
  return signStatement(
    {
      v: 2,
      kind: "tool",
      domain,
      name,
      ...(version === undefined ? {} : { version }),
      issued_at: toTheSecond(clock.now()),
      ...(expiresAt === undefined ? {} : { expires_at: toTheSecond(expiresAt) }),
      ...(previous === undefined ? {} : { previous }),
      tool,
    },
    [key, ...endorsers],
  );
}

function toTheSecond(instant: number): string {
  return new Date(instant).toISOString().replace(/\.\d+Z$/, "Z");
}

/** Puts an envelope into a tool's `_meta`. */
export function attachEnvelope(tool: ToolDefinition, envelope: ToolEnvelope): ToolDefinition {
  return { ...tool, _meta: { ...tool._meta, [ENVELOPE_KEY]: { ...envelope } as unknown as JsonObject } };
}

/** The members of a tool that are signed, and nothing else. */
export function signedMembers(tool: ToolDefinition, fields: readonly SignableField[]): JsonObject {
  return Object.fromEntries(
    fields.filter((field) => tool[field] !== undefined).map((field) => [field, tool[field]]),
  ) as JsonObject;
}

/**
 * Reads an envelope; undefined when there is none.
 * @throws SchemaPinError `SCHEMAPIN_ENVELOPE_INVALID`
 */
export function parseEnvelope(value: unknown):
  | (Pick<ToolEnvelope, "domain" | "fields" | "signature"> & {
      readonly canonicalization: unknown;
      readonly claims: SignatureClaims;
      readonly attestation: unknown;
    })
  | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw invalid("it is not an object");
  const { domain, fields, signature, canonicalization, attestation } = value as Record<string, unknown>;
  if (typeof domain !== "string" || typeof signature !== "string")
    throw invalid("domain or signature is missing");
  if (!Array.isArray(fields) || !fields.every(isSignable) || new Set(fields).size !== fields.length) {
    throw invalid("fields is not a list of signable members");
  }
  return { domain, fields, signature, canonicalization, claims: value, attestation };
}

/** @throws SchemaPinError `SCHEMAPIN_COVERAGE_INSUFFICIENT` when name, description or inputSchema is not signed. */
export function checkCoverage(fields: readonly SignableField[]): void {
  const missing = REQUIRED_FIELDS.find((field) => !fields.includes(field));
  if (missing !== undefined) {
    throw new SchemaPinError(
      "SCHEMAPIN_COVERAGE_INSUFFICIENT",
      `the signature does not cover the tool's ${missing}`,
    );
  }
}

/** The visible members of a tool that a signature leaves out. */
export function uncoveredFields(
  tool: ToolDefinition,
  fields: readonly SignableField[],
): readonly SignableField[] {
  return SIGNABLE_FIELDS.filter((field) => tool[field] !== undefined && !fields.includes(field));
}

function isSignable(field: unknown): field is SignableField {
  return SIGNABLE_FIELDS.some((signable) => signable === field);
}

function refuseDropped(members: JsonObject | undefined, known: ReadonlySet<string>, where: string): void {
  const dropped = Object.keys(members ?? {}).find((name) => !known.has(name));
  if (dropped === undefined) return;
  const message = `tool must not be signed: clients drop ${excerpt(dropped)} from ${where}`;
  throw new SchemaPinError("SCHEMAPIN_NOT_PORTABLE", message);
}

function invalid(why: string): SchemaPinError {
  return new SchemaPinError("SCHEMAPIN_ENVELOPE_INVALID", `tool envelope is not valid: ${why}`);
}
