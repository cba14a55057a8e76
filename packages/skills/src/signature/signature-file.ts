import { type JsonObject, type JsonValue, KitError, parseJson } from "@symbiont/kit";
import { SchemaPinError } from "@symbiont/schemapin";

/** A `.schemapin.sig`, as it is written. Only `signature` and `attestation` are protected by a signature. */
export interface SignatureFile {
  readonly schemapin_version: string;
  readonly skill_name: string;
  readonly skill_hash: string;
  /** DER in base64. */
  readonly signature: string;
  readonly signed_at: string;
  readonly expires_at?: JsonValue;
  readonly schema_version?: JsonValue;
  readonly previous_hash?: JsonValue;
  readonly canonicalization?: JsonValue;
  readonly domain: string;
  readonly signer_kid: string;
  /** `sha256:<hex>` by path. */
  readonly file_manifest: ReadonlyMap<string, string>;
  /** A DSSE envelope over a statement of version 2. Our proposal; other readers pass over it. */
  readonly attestation?: JsonValue;
}

const MAX_BYTES = 8 << 20;
const TEXTS = [
  "schemapin_version",
  "skill_name",
  "skill_hash",
  "signature",
  "signed_at",
  "domain",
  "signer_kid",
] as const;
const REST = ["expires_at", "schema_version", "previous_hash", "canonicalization", "attestation"] as const;

/**
 * Reads a signature file; members that are not known are passed over.
 * @throws SchemaPinError `SCHEMAPIN_SIGNATURE_INVALID`
 */
export function parseSignatureFile(bytes: Uint8Array): SignatureFile {
  const members = readObject(bytes);
  const file: Record<string, unknown> = {};
  for (const name of TEXTS) {
    if (typeof members[name] !== "string") throw malformed(`${name} is missing, or not text`);
    file[name] = members[name];
  }
  for (const name of REST) if (members[name] !== undefined) file[name] = members[name];
  const manifest = members["file_manifest"];
  if (!isObject(manifest)) throw malformed("file_manifest is missing");
  const entries = Object.entries(manifest);
  if (!entries.every(([, digest]) => typeof digest === "string")) {
    throw malformed("file_manifest holds more than digests");
  }
  file["file_manifest"] = new Map(entries as [string, string][]);
  return file as unknown as SignatureFile;
}

/** Writes a signature file with its members in the order that other implementations use. */
export function writeSignatureFile(file: SignatureFile): string {
  const { file_manifest, attestation, ...members } = file;
  const all = {
    ...members,
    file_manifest: Object.fromEntries(file_manifest),
    ...(attestation === undefined ? {} : { attestation }),
  };
  return `${JSON.stringify(all, undefined, 2)}\n`;
}

function readObject(bytes: Uint8Array): JsonObject {
  try {
    // Files may have any name; the prototype's own is refused in any case.
    const value = parseJson(bytes, { maxBytes: MAX_BYTES, reservedNames: [], maxDepth: 16 });
    if (isObject(value)) return value;
  } catch (cause) {
    if (!KitError.is(cause)) throw cause;
    throw malformed(cause.message, cause);
  }
  throw malformed("it is not an object");
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function malformed(why: string, cause?: unknown): SchemaPinError {
  return new SchemaPinError("SCHEMAPIN_SIGNATURE_INVALID", `the signature file is malformed: ${why}`, {
    cause,
  });
}
