import { isProduction } from "@symbiont/kit";
import type { OpaHttpOptions } from "./opa-http-engine.ts";

/**
 * Reads the server from Symbiont's variables: `SYMBIONT_OPA_URL` (default `http://localhost:8181`),
 * `SYMBIONT_OPA_AUTH_TOKEN` (empty means none), `SYMBIONT_OPA_ALLOW_INSECURE` (`1` or `true`).
 *
 * Differs from Symbiont: plain text to another machine is never allowed in production (`SYMBIONT_ENV`, `NODE_ENV`).
 * @throws RangeError when it is asked for there.
 */
export function readOpaEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Pick<OpaHttpOptions, "url" | "token" | "allowInsecure"> {
  const {
    SYMBIONT_OPA_URL: url = "http://localhost:8181",
    SYMBIONT_OPA_AUTH_TOKEN: token = "",
    SYMBIONT_OPA_ALLOW_INSECURE: insecure = "",
  } = environment;
  const allowInsecure = /^(?:1|true)$/i.test(insecure);
  if (allowInsecure && isProduction(environment))
    throw new RangeError("SYMBIONT_OPA_ALLOW_INSECURE must not be set in production");
  return { url, allowInsecure, ...(token === "" ? {} : { token: async () => token }) };
}
