const DELTA_SECONDS = /^[0-9]{1,10}$/;

/**
 * Gives how long a response may be reused, in milliseconds: `max-age` less `age`, at most `capMs`. Nothing but an
 * explicit lifetime counts; `no-store`, `no-cache`, `private`, `vary` and a malformed or conflicting directive give 0.
 * @see RFC 9111 section 4.2
 */
export function freshnessMs(status: number, headers: ReadonlyMap<string, string>, capMs: number): number {
  if (status !== 200 || capMs === 0 || headers.has("vary")) return 0;
  let maxAge: number | undefined;
  for (const part of (headers.get("cache-control") ?? "").toLowerCase().split(",")) {
    const [name = "", value] = part.trim().split("=", 2);
    if (name === "no-store" || name === "no-cache" || name === "private") return 0;
    if (name !== "max-age") continue;
    if (maxAge !== undefined || value === undefined || !DELTA_SECONDS.test(value)) return 0;
    maxAge = Number(value);
  }
  const age = headers.get("age") ?? "0";
  if (maxAge === undefined || !DELTA_SECONDS.test(age)) return 0;
  return Math.max(0, Math.min((maxAge - Number(age)) * 1000, capMs));
}
