type TimingSafeEqual = (a: Uint8Array, b: Uint8Array) => boolean;

let compare: TimingSafeEqual | undefined;

/**
 * Compares two byte arrays in time that depends on their lengths only. Lengths are not hidden: compare raw
 * digests of a fixed size, not texts. Uses the runtime's `timingSafeEqual` where there is one.
 */
export function constantTimeEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  compare ??= runtimeCompare() ?? portableCompare;
  return compare(a, b);
}

/** The comparison used where the runtime offers none; exported for the differential test only. */
export function portableCompare(a: Uint8Array, b: Uint8Array): boolean {
  let difference = 0;
  for (let index = 0; index < a.length; index += 1) difference |= (a[index] ?? 0) ^ (b[index] ?? 0);
  return difference === 0;
}

function runtimeCompare(): TimingSafeEqual | undefined {
  const host = globalThis as { process?: { getBuiltinModule?: (id: string) => unknown } };
  const crypto = host.process?.getBuiltinModule?.("node:crypto") as
    | { timingSafeEqual?: TimingSafeEqual }
    | undefined;
  return crypto?.timingSafeEqual;
}
