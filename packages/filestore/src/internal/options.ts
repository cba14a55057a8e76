const PERMISSIONS = 0o777;

/** Checks an option that must be a whole number of at least `least`. */
export function checkedInteger(name: string, value: number, least: number): number {
  if (!Number.isSafeInteger(value) || value < least)
    throw new RangeError(`${name} must be a whole number of at least ${least}, got ${String(value)}`);
  return value;
}

/** Checks an option that must be a number of at least `least`; `Infinity` is one. */
export function checkedNumber(name: string, value: number, least: number): number {
  if (typeof value !== "number" || !(value >= least))
    throw new RangeError(`${name} must be a number of at least ${least}, got ${String(value)}`);
  return value;
}

/** Checks permission bits: the owner must be able to read and write, and nothing beyond rwx may be asked for. */
export function checkedMode(mode: number | undefined): number {
  if (mode === undefined) return 0o600;
  if (
    !Number.isInteger(mode) ||
    (mode & ~PERMISSIONS) !== 0 ||
    (mode & 0o600) !== 0o600 ||
    (mode & 0o022) !== 0
  )
    throw new RangeError("mode must let the owner read and write, and nobody else write, for example 0o600");
  return mode;
}

/** Checks that a value is bytes. */
export function checkedBytes(name: string, value: Uint8Array): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new TypeError(`${name} must be a Uint8Array`);
  return value;
}
