import { SecretError } from "../errors.ts";

/** What one run of Argon2id (version 0x13) costs. */
export interface Argon2Cost {
  /** Memory in KiB. */
  readonly memoryKiB: number;
  /** Passes over the memory. */
  readonly passes: number;
  readonly lanes: number;
}

const KEY_BYTES = 32;

let loading: Promise<typeof import("@node-rs/argon2")> | undefined;
let lastRun: Promise<unknown> = Promise.resolve();

/**
 * Derives 32 bytes, which are the caller's, from a password. One run at a time in a process: each takes tens of
 * megabytes and a thread of the pool that file and DNS calls share.
 *
 * The caller has checked the cost against its limits.
 * @throws SecretError `SECRET_UNAVAILABLE` when the native module cannot be loaded or has no memory.
 */
export function argon2id(password: Uint8Array, salt: Uint8Array, cost: Argon2Cost): Promise<Uint8Array> {
  const run = lastRun.then(() => derive(password, salt, cost));
  lastRun = run.catch(() => undefined);
  return run;
}

async function derive(password: Uint8Array, salt: Uint8Array, cost: Argon2Cost): Promise<Uint8Array> {
  try {
    const { hashRaw } = await loadArgon2();
    const { memoryKiB: memoryCost, passes: timeCost, lanes: parallelism } = cost;
    const pooled = await hashRaw(password, { memoryCost, timeCost, parallelism, outputLen: KEY_BYTES, salt });
    const key = Uint8Array.from(pooled);
    pooled.fill(0);
    return key;
  } catch (cause) {
    throw new SecretError("SECRET_UNAVAILABLE", "Argon2id could not be run", { cause });
  }
}

/** Loaded on first use: a store that opens with a random key never needs the native module. */
function loadArgon2(): Promise<typeof import("@node-rs/argon2")> {
  loading ??= import("@node-rs/argon2");
  return loading;
}
