import { deepFreeze, encodeBase64Url, type JsonObject, type JsonValue } from "@symbiont/kit";
import { SecretError } from "../../../errors.ts";
import type { SecretMetadata } from "../../../secret-metadata.ts";
import { checkSecretName } from "../../../secret-name.ts";
import { writeInstant } from "./instant.ts";
import { malformed, StrictObject } from "./strict-object.ts";

/** One value, sealed under a key of its own. */
export interface SealedVersion {
  readonly version: number;
  /** 16 random bytes, new whenever a value is sealed. */
  readonly salt: Uint8Array;
  readonly sealed: Uint8Array;
}

/** One secret as the store holds it. */
export interface Entry {
  readonly metadata: SecretMetadata;
  /** Whether the value was given as text. */
  readonly text: boolean;
  /** The current version first, then those of `metadata.previous`. */
  readonly versions: readonly [SealedVersion, ...SealedVersion[]];
}

export const ENTRY_SALT_BYTES = 16;

const MAX_VERSION = 0xffff_ffff;
const MAX_PREVIOUS = 1000;
const TAG_BYTES = 16;
const MAX_NAME_BYTES = 512;
const MEMBERS: ReadonlySet<string> = new Set([
  "name",
  "version",
  "created",
  "updated",
  "type",
  "expires",
  "rotateAfter",
  "meta",
  "salt",
  "sealed",
  "previous",
]);
const PREVIOUS_MEMBERS: ReadonlySet<string> = new Set(["version", "until", "salt", "sealed"]);

/** @throws SecretError `SECRET_FORMAT_INVALID`, `SECRET_TAMPERED`. */
export function readEntry(json: JsonValue): Entry {
  const entry = new StrictObject(json, "entry", MEMBERS);
  const type = entry.value("type");
  if (type !== "utf8" && type !== "bytes") throw malformed("an entry is of an unknown type");
  const previous = entry.has("previous")
    ? entry
        .list("previous", MAX_PREVIOUS)
        .map((version) => new StrictObject(version, "previous", PREVIOUS_MEMBERS))
    : [];
  const version = readVersion(entry);
  const older = previous.map(readVersion);
  const numbers = [version, ...older].map((sealed) => sealed.version);
  if (numbers.some((number, index) => index > 0 && number >= (numbers[index - 1] ?? 0)))
    throw malformed("the versions of an entry are out of order");
  return {
    text: type === "utf8",
    versions: [version, ...older],
    metadata: {
      name: readName(entry),
      version: version.version,
      createdAt: entry.instant("created"),
      updatedAt: entry.instant("updated"),
      ...(entry.has("expires") && { expiresAt: entry.instant("expires") }),
      ...(entry.has("rotateAfter") && { rotateAfter: entry.instant("rotateAfter") }),
      ...(entry.has("meta") && { notes: readNotes(entry) }),
      previous: deepFreeze(
        previous.map((older) => ({
          version: older.integer("version", 1, MAX_VERSION),
          until: older.instant("until"),
        })),
      ),
    },
  };
}

/** The entry as it stands in the payload, its members in the order of the format. */
export function writeEntry({ metadata, text, versions: [current, ...older] }: Entry): JsonObject {
  const { name, version, createdAt = 0, updatedAt = 0, expiresAt, rotateAfter, notes, previous } = metadata;
  return {
    name,
    version,
    created: writeInstant(createdAt),
    updated: writeInstant(updatedAt),
    type: text ? "utf8" : "bytes",
    ...(expiresAt !== undefined && { expires: writeInstant(expiresAt) }),
    ...(rotateAfter !== undefined && { rotateAfter: writeInstant(rotateAfter) }),
    ...(notes !== undefined && { meta: notes }),
    ...writeSealed(current),
    ...(older.length > 0 && {
      previous: older.map((sealed, index) => ({
        version: sealed.version,
        until: writeInstant(previous[index]?.until ?? 0),
        ...writeSealed(sealed),
      })),
    }),
  };
}

/** Drops the older versions whose time has come. */
export function withoutExpiredVersions(entry: Entry, now: number): Entry {
  const { previous } = entry.metadata;
  if (previous.every(({ until }) => now < until)) return entry;
  const kept = previous.filter(({ until }) => now < until);
  const [current, ...older] = entry.versions;
  const accepted = new Set(kept.map(({ version }) => version));
  return {
    ...entry,
    metadata: { ...entry.metadata, previous: kept },
    versions: [current, ...older.filter(({ version }) => accepted.has(version))],
  };
}

/** @throws SecretError `SECRET_TOO_LARGE` when the secret cannot have another version. */
export function assertVersionFits({ name, version }: SecretMetadata): void {
  if (version > MAX_VERSION)
    throw new SecretError("SECRET_TOO_LARGE", "the secret has had too many versions", { secret: name });
}

function readVersion(json: StrictObject): SealedVersion {
  const sealed = json.bytes("sealed");
  if (sealed.length < TAG_BYTES) throw malformed("a sealed value is too short");
  return {
    version: json.integer("version", 1, MAX_VERSION),
    salt: json.bytes("salt", ENTRY_SALT_BYTES),
    sealed,
  };
}

function readName(entry: StrictObject): string {
  const name = entry.text("name", MAX_NAME_BYTES);
  try {
    return checkSecretName(name);
  } catch {
    throw malformed("an entry has a name that is not allowed");
  }
}

function readNotes(entry: StrictObject): JsonObject {
  const notes = entry.value("meta");
  if (typeof notes !== "object" || notes === null || Array.isArray(notes))
    throw malformed("notes are not an object");
  // Handed out to whoever asks: a change of theirs must not end up in the file.
  return deepFreeze(notes as JsonObject);
}

function writeSealed({ salt, sealed }: SealedVersion): JsonObject {
  return { salt: encodeBase64Url(salt), sealed: encodeBase64Url(sealed) };
}
