/**
 * Reads a millisecond clock in whole microseconds.
 *
 * @throws RangeError when the clock gives no usable time: a check that cannot tell the time must not pass.
 */
export function microseconds(now: () => number): number {
  const nowUs = Math.round(now() * 1000);
  if (nowUs >= 0 && nowUs <= Number.MAX_SAFE_INTEGER / 2) return nowUs;
  throw new RangeError("now must return milliseconds that are not negative");
}

/** `performance.now`, without the look-up of the global object at each call. */
export function monotonicClock(): () => number {
  const { performance } = globalThis;
  return () => performance.now();
}
