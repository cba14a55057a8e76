import { decodeUtf8 } from "@symbiont/kit";
import { SecretError } from "../../errors.ts";
import type { Secret } from "../../secret.ts";
import type { CallOptions, SecretStore, SetOptions } from "../../store.ts";

/** A secret that was written, and how it is taken back. */
interface Written {
  readonly name: string;
  readonly undo: () => Promise<unknown>;
  /** What it replaced, held for as long as it may have to be put back. */
  readonly old?: Secret;
}

/**
 * Writes secrets into a store that takes one at a time. When one cannot be written, those before it are taken back.
 * @returns the names that were there before.
 */
export async function writeOneByOne(
  secrets: ReadonlyMap<string, Secret>,
  store: SecretStore,
  { overwrite, ...call }: CallOptions & { readonly overwrite: boolean },
): Promise<readonly string[]> {
  const there: string[] = [];
  for (const name of secrets.keys()) if (await store.has(name, call)) there.push(name);
  const [first] = there;
  if (first !== undefined && !overwrite)
    throw new SecretError("SECRET_CONFLICT", "there is a secret of that name already", { secret: first });
  const known = new Set(there);
  const written: Written[] = [];
  try {
    for (const [name, secret] of secrets) {
      try {
        written.push(await (known.has(name) ? replace : create)(store, name, { secret, call }));
      } catch (cause) {
        throw await undone(written, name, cause);
      }
    }
  } finally {
    for (const { old } of written) old?.dispose();
  }
  return there;
}

interface Asked {
  readonly secret: Secret;
  readonly call: CallOptions;
}

async function create(store: SecretStore, name: string, { secret, call }: Asked): Promise<Written> {
  await secret.use((bytes) => store.set(name, valueOf(bytes), { ...call, ifVersion: 0 }));
  return { name, undo: () => store.delete(name) };
}

async function replace(store: SecretStore, name: string, { secret, call }: Asked): Promise<Written> {
  const old = await store.get(name, { ...call, allowExpired: true });
  try {
    const { version, expiresAt, rotateAfter, notes } = await store.metadata(name, call);
    const { version: newVersion } = await secret.use((bytes) =>
      store.set(name, valueOf(bytes), { ...call, ifVersion: version }),
    );
    const options: SetOptions = {
      ifVersion: newVersion,
      ...(expiresAt !== undefined && { expiresAt }),
      ...(rotateAfter !== undefined && { rotateAfter }),
      ...(notes !== undefined && { notes }),
    };
    return { name, old, undo: () => old.use((bytes) => store.set(name, valueOf(bytes), options)) };
  } catch (error) {
    old.dispose();
    throw error;
  }
}

/** Text where the value is text, so that back ends that hold nothing else take it. */
function valueOf(bytes: Uint8Array): string | Uint8Array {
  try {
    return decodeUtf8(bytes);
  } catch {
    return bytes;
  }
}

async function undone(written: readonly Written[], failed: string, cause: unknown): Promise<SecretError> {
  const left: string[] = [];
  for (const { name, undo } of written.toReversed()) await undo().catch(() => left.push(name));
  const code = SecretError.is(cause) ? cause.code : "SECRET_UNAVAILABLE";
  const rest = left.length === 0 ? "nothing was left behind" : `left behind: ${left.join(", ")}`;
  // A write without an answer, or one that could not be recorded, may have happened.
  const message = `a secret could not be written, or not for certain; of the others ${rest}`;
  return new SecretError(code, message, { cause, secret: failed });
}
