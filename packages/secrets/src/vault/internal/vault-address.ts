import { isIPv4 } from "node:net";
import { SecretError } from "../../errors.ts";

/**
 * Checks where Vault is.
 * @returns the address without a final `/`.
 * @throws TypeError unless it is a plain `https:` address, or a loopback or allowed `http:` one.
 */
export function checkedAddress(address: string, allowInsecure: boolean): string {
  const url = parse(address);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:"))
    throw new TypeError("address must be an https: URL");
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "")
    throw new TypeError("address must hold neither credentials, nor a query, nor a fragment");
  if (url.protocol === "http:" && !allowInsecure && !isLoopback(url.hostname))
    throw new TypeError("address must be https: unless it is on the loopback; see allowInsecure");
  return url.origin + url.pathname.replace(/\/+$/, "");
}

/**
 * Refuses to talk TLS in a process in which nobody verifies certificates.
 * @throws SecretError `SECRET_TLS_UNVERIFIED`.
 */
export function assertVerifiedTls(address: string): void {
  if (address.startsWith("https:") && process.env["NODE_TLS_REJECT_UNAUTHORIZED"] === "0")
    throw new SecretError(
      "SECRET_TLS_UNVERIFIED",
      "NODE_TLS_REJECT_UNAUTHORIZED=0 switches off the verification of certificates: Vault is not contacted",
    );
}

function isLoopback(hostname: string): boolean {
  if (hostname === "localhost" || hostname === "[::1]") return true;
  return isIPv4(hostname) && hostname.startsWith("127.");
}

function parse(address: string): URL | null {
  try {
    return new URL(address);
  } catch {
    return null;
  }
}
