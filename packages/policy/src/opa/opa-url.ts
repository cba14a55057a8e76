const LOOPBACK = /^(?:localhost\.?|127(?:\.\d{1,3}){3}|\[::1\])$/;

/**
 * Checks the address of a server: `https`, or `http` to this machine only.
 * @param allowInsecure lets `http` go anywhere.
 * @throws RangeError naming what is wrong; never the address itself, which may hold a password.
 */
export function checkOpaUrl(url: string, allowInsecure: boolean): URL {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw new RangeError("url must be an absolute URL");
  }
  if (parsed.username !== "" || parsed.password !== "" || parsed.search !== "" || parsed.hash !== "")
    throw new RangeError("url must have no user, query or fragment");
  if (parsed.protocol === "https:") return parsed;
  if (parsed.protocol !== "http:") throw new RangeError("url must be http or https");
  if (!allowInsecure && !LOOPBACK.test(parsed.hostname))
    throw new RangeError("url must be https, except to this machine");
  return parsed;
}
