/**
 * The clock of a store. One that does not know the time is an error at every look: compared with NaN, nothing has ever
 * expired.
 * @throws TypeError unless it is a function; the clock throws RangeError.
 */
export function checkedClock(now: (() => number) | undefined): () => number {
  if (now === undefined) return Date.now;
  if (typeof now !== "function") throw new TypeError("now must be a function");
  return () => {
    const time = now();
    if (!Number.isFinite(time)) throw new RangeError("now must give epoch milliseconds");
    return time;
  };
}
