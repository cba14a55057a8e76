import { acquireLock, type Lease, type LockOptions } from "./acquire-lock.ts";

/**
 * Runs `use` while holding the lock of a file: see {@link acquireLock}.
 * @returns what `use` returned, if the lock was held all the while.
 * @throws FilestoreError as {@link acquireLock}; `FILE_LOCK_LOST` when `use` finished but the lock was lost on
 * the way, so that somebody else may have worked beside it; whatever `use` throws.
 */
export async function withLock<T>(
  path: string,
  use: (lease: Lease) => T | Promise<T>,
  options: LockOptions = {},
): Promise<T> {
  const lock = await acquireLock(path, options);
  let result: T;
  try {
    result = await use(lock);
    lock.assertHeld();
  } catch (error) {
    // What went wrong in `use` matters more than a lock that could not be given back.
    await lock.release().catch(() => undefined);
    throw error;
  }
  await lock.release();
  return result;
}
