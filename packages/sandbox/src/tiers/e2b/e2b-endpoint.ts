import { invalid } from "../../sandbox-error.ts";

/** Where a service listens that speaks as E2B does. */
export interface E2bEndpoint {
  /** Its control plane, which gets the key. */
  readonly apiUrl: string;
  /** Where the machines' daemons answer, told apart by a header. */
  readonly sandboxUrl: string;
}

/** E2B's own. */
const DEFAULT_ENDPOINT: E2bEndpoint = Object.freeze({
  apiUrl: "https://api.e2b.app",
  sandboxUrl: "https://sandbox.e2b.app",
});

const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "[::1]", "localhost"]);

/**
 * Takes a copy. What the environment says about endpoints never counts: keys go where the caller says.
 * @throws SandboxError `SANDBOX_INVALID_ARGUMENT`
 */
export function checkEndpoint(given: E2bEndpoint = DEFAULT_ENDPOINT): E2bEndpoint {
  return { apiUrl: origin(given.apiUrl, "apiUrl"), sandboxUrl: origin(given.sandboxUrl, "sandboxUrl") };
}

function origin(text: string, name: keyof E2bEndpoint): string {
  if (!URL.canParse(text)) invalid(`endpoint.${name} must be a URL`);
  const url = new URL(text);
  const isSafe = url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK.has(url.hostname));
  if (!isSafe) invalid(`endpoint.${name} must be https`);
  // No user, no path, no query: whatever stands there would go astray.
  if (url.href !== `${url.origin}/`) invalid(`endpoint.${name} must be a scheme, a host and a port`);
  return url.origin;
}
