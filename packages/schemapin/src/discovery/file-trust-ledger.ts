import { FilestoreError, ParsedFile, type PrivateFile, updateFile } from "@symbiont/filestore";
import { canonicalJson, encodeUtf8, type JsonObject, type JsonValue, parseJson } from "@symbiont/kit";
import { SchemaPinError } from "../schemapin-error.ts";
import type { TrustLedger } from "./trust-ledger.ts";

const MAX_BYTES = 16 << 20;
const FINGERPRINT = /^sha256:[0-9a-f]{64}$/;

interface Entries {
  readonly revoked: Map<string, ReadonlySet<string>>;
  readonly bundles: Map<string, number>;
}

/**
 * Remembers in one private file, shared safely between processes. A file that is broken, or that others may write,
 * throws: an empty one would let revoked keys and old bundles come back.
 *
 * @throws SchemaPinError from its methods: `SCHEMAPIN_LEDGER_CORRUPT`, `SCHEMAPIN_LEDGER_UNAVAILABLE`.
 */
export class FileTrustLedger implements TrustLedger {
  readonly #path: string;
  readonly #file: ParsedFile<Entries>;

  /** @param path of the file; its folder must exist. */
  constructor(path: string) {
    this.#path = path;
    this.#file = new ParsedFile(path, { maxBytes: MAX_BYTES, parse: read });
  }

  async revokedKeys(domain: string): Promise<ReadonlySet<string>> {
    return guarded(async () => (await this.#file.read()).revoked.get(domain) ?? new Set());
  }

  async addRevokedKeys(domain: string, fingerprints: ReadonlySet<string>): Promise<void> {
    await this.#change(({ revoked }) => {
      revoked.set(domain, new Set([...(revoked.get(domain) ?? []), ...fingerprints]));
      return true;
    });
  }

  async advanceBundle(authority: string, signedAt: number): Promise<boolean> {
    return this.#change(({ bundles }) => {
      if ((bundles.get(authority) ?? Number.NEGATIVE_INFINITY) > signedAt) return false;
      bundles.set(authority, signedAt);
      return true;
    });
  }

  /** The change may be computed several times; the answer is that of the last. */
  async #change(change: (entries: Entries) => boolean): Promise<boolean> {
    let changed = false;
    await guarded(async () =>
      updateFile(
        this.#path,
        (current) => {
          const entries = read(current);
          changed = change(entries);
          return changed ? write(entries) : undefined;
        },
        { maxBytes: MAX_BYTES },
      ),
    );
    return changed;
  }
}

function write({ revoked, bundles }: Entries): Uint8Array {
  const file = {
    version: 1,
    revoked: Object.fromEntries([...revoked].map(([domain, keys]) => [domain, [...keys].sort()])),
    // Pairs, because a key id may be any text, also one that no JSON object may hold as a name.
    bundles: [...bundles],
  };
  return encodeUtf8(`${canonicalJson(file)}\n`);
}

function read(file: PrivateFile | undefined): Entries {
  if (file === undefined) return { revoked: new Map(), bundles: new Map() };
  let content: JsonObject;
  try {
    content = parseJson(file.bytes, { maxBytes: MAX_BYTES, reservedNames: [] }) as JsonObject;
  } catch (cause) {
    throw corrupt("it is not JSON", cause);
  }
  if (content?.["version"] !== 1) throw corrupt("its version is unknown");
  const { revoked, bundles } = content;
  if (typeof revoked !== "object" || revoked === null || Array.isArray(revoked) || !Array.isArray(bundles))
    throw corrupt("a part is missing");
  return {
    revoked: new Map(Object.entries(revoked).map(([domain, keys]) => [domain, fingerprints(keys)])),
    bundles: new Map((bundles as readonly JsonValue[]).map(newestBundle)),
  };
}

function fingerprints(value: JsonValue): ReadonlySet<string> {
  if (!Array.isArray(value) || !value.every((key) => typeof key === "string" && FINGERPRINT.test(key)))
    throw corrupt("a fingerprint is malformed");
  return new Set(value as readonly string[]);
}

function newestBundle(value: JsonValue): readonly [string, number] {
  const [authority, signedAt] = Array.isArray(value) ? (value as readonly JsonValue[]) : [];
  if (typeof authority !== "string" || typeof signedAt !== "number") throw corrupt("a bundle is malformed");
  return [authority, signedAt];
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (SchemaPinError.is(cause)) throw cause;
    const why = FilestoreError.is(cause) ? `: ${cause.message}` : "";
    throw new SchemaPinError("SCHEMAPIN_LEDGER_UNAVAILABLE", `trust ledger cannot be used${why}`, {
      cause,
      retryable: FilestoreError.is(cause) && cause.retryable,
    });
  }
}

function corrupt(why: string, cause?: unknown): SchemaPinError {
  return new SchemaPinError("SCHEMAPIN_LEDGER_CORRUPT", `trust ledger is corrupt: ${why}`, { cause });
}
