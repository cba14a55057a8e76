import { createHash, randomBytes } from "node:crypto";
import {
  canonicalJson,
  encodeHex,
  type JsonObject,
  type JsonTreeObject,
  type JsonValue,
  parseJson,
} from "@symbiont/kit";
import { SecretError } from "../../errors.ts";
import type { SecretMetadata } from "../../secret-metadata.ts";

/** What Vault itself does not keep of a version. */
export type VersionRecord = Pick<SecretMetadata, "expiresAt" | "rotateAfter" | "notes" | "previous">;

// Vault's limits of custom metadata are 64 entries, 128 bytes a name and 512 bytes a value.
const PIECE = 512;
const MAX_PIECES = 16;
const NAME = /^symbiont-v(\d{1,15})-([0-9a-f]{16})-(\d{1,2})$/;
const REFERENCE = /^([0-9a-f]{16})\.([0-9a-f]{64})$/;

/** A record in the two places where it is kept. */
export interface WrittenRecord {
  /** What the entry says of it: `<id>.<digest>`. */
  readonly reference: string;
  /** Members of `custom_metadata`. */
  readonly members: Readonly<Record<string, string>>;
}

/**
 * Writes a record as members of `custom_metadata`: `symbiont-v<version>-<id>-<piece>`, of which the values joined are
 * one JSON object. The entry itself names the id, so that a version and its record appear in one step, and the digest:
 * a policy may let somebody write metadata who must not write values, and who could otherwise put off an expiry or have
 * an old value accepted again.
 * @throws SecretError `SECRET_TOO_LARGE`.
 */
export function writeRecord(
  record: VersionRecord,
  { version, name }: { readonly version: number; readonly name: string },
): WrittenRecord {
  // Escaped, so that a character is a byte and Vault finds nothing it calls unprintable.
  const text = canonicalJson(record).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  const pieces = Math.ceil(text.length / PIECE);
  if (pieces > MAX_PIECES)
    throw new SecretError("SECRET_TOO_LARGE", "the notes are longer than Vault's custom metadata can hold", {
      secret: name,
    });
  const id = encodeHex(randomBytes(8));
  const members = Object.fromEntries(
    Array.from({ length: pieces }, (_, piece) => [
      `symbiont-v${version}-${id}-${piece}`,
      text.slice(piece * PIECE, (piece + 1) * PIECE),
    ]),
  );
  return { reference: `${id}.${digestOf(text)}`, members };
}

/** The members of records of versions before `version`. */
export function staleMembers(custom: JsonTreeObject, version: number): readonly string[] {
  return Object.keys(custom).filter((member) => Number(NAME.exec(member)?.[1] ?? version) < version);
}

/**
 * Reads the record that an entry refers to.
 * @throws SecretError `SECRET_ANSWER_INVALID` when it is not there, cannot be read, or is not the one that was written
 * with the value: it might say that the version has expired.
 */
export function readRecord(custom: JsonTreeObject, reference: string, name: string): VersionRecord {
  const [, id, digest] = REFERENCE.exec(reference) ?? [];
  const pieces: string[] = [];
  for (const [member, piece] of Object.entries(custom)) {
    const [, , ofId, index] = NAME.exec(member) ?? [];
    if (ofId === id && typeof piece === "string") pieces[Number(index)] = piece;
  }
  try {
    const text = pieces.join("");
    if (digestOf(text) !== digest) throw new Error("another record");
    return checkedRecord(parseJson(text) as JsonObject);
  } catch {
    throw new SecretError("SECRET_ANSWER_INVALID", "our custom metadata of the secret cannot be read", {
      secret: name,
    });
  }
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function checkedRecord({ expiresAt, rotateAfter, notes, previous, ...rest }: JsonObject): VersionRecord {
  if (Object.keys(rest).length > 0 || !Array.isArray(previous)) throw new Error("not a record");
  return {
    ...(expiresAt !== undefined && { expiresAt: whole(expiresAt) }),
    ...(rotateAfter !== undefined && { rotateAfter: whole(rotateAfter) }),
    ...(notes !== undefined && { notes: notes as JsonObject }),
    previous: (previous as readonly JsonObject[]).map(({ version, until }) => ({
      version: whole(version),
      until: whole(until),
    })),
  };
}

function whole(value: JsonValue | undefined): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new Error("not a whole number");
}
