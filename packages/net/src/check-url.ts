import { excerpt } from "@symbiont/kit";
import { isPublicIp } from "./classify-ip.ts";
import { NetError } from "./errors.ts";
import { type IpAddress, tryParseIp, unmapIp } from "./ip-address.ts";
import { createIpMatcher } from "./ip-range.ts";

/** What an outgoing request may be addressed to, beyond the public internet over https. */
export interface UrlCheckOptions {
  /** Accept `http:` URLs too. Default false. */
  readonly allowHttp?: boolean;
  /** Ports to accept beside 443 (https) and 80 (http). Default none. */
  readonly ports?: readonly number[];
  /** Host names to accept although their form is refused, for example `db.internal`. Exact names. Default none. */
  readonly allowHosts?: readonly string[];
  /**
   * Addresses and CIDR ranges to accept although they are not public, for tests and private clusters. Anything
   * that can make this process fetch a URL can reach them. Default none.
   */
  readonly dangerouslyAllow?: readonly string[];
}

/** A URL that may be requested, as far as its text can tell. */
export interface CheckedUrl {
  /** A private copy, without fragment. */
  readonly url: URL;
  readonly secure: boolean;
  /** Host name as it goes to the resolver, or the address without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** Set when the host is an address, which no resolver will be asked about. */
  readonly address?: IpAddress;
}

/** The checks of one set of options. */
export interface UrlPolicy {
  /** @throws NetError, see {@link checkUrl}. */
  checkUrl(url: string | URL): CheckedUrl;
  /** Tells whether an address may be connected to. */
  allowsAddress(address: IpAddress): boolean;
  /**
   * Judges what a resolver answered; IPv4-mapped answers come back as IPv4. One bad answer refuses all.
   * Differs from Symbiont: it drops the bad answers and dials the rest, so timing decides who is reached.
   * @throws NetError `NET_DNS_FAILED`, `NET_DNS_NOT_PUBLIC`.
   */
  checkAnswers(answers: readonly string[]): IpAddress[];
}

const MAX_URL_LENGTH = 2048;
const REFUSED_SUFFIXES = [".localhost", ".local", ".internal", ".localdomain", ".home.arpa"];
/** Metadata services that answer under a name which looks public. */
const METADATA_NAMES: ReadonlySet<string> = new Set([
  "metadata.goog",
  "metadata.tencentyun.com",
  "metadata.packet.net",
  "metadata.platformequinix.com",
]);

/**
 * Checks a URL's text before anything is requested: https, no credentials, an expected port, and a host that is
 * neither a local name nor an address off the public internet. Every spelling that the WHATWG parser folds into
 * one address (`127.1`, `0x7f000001`, full-width digits) is judged as that address.
 *
 * A name that passes may still resolve to a private address: only a fetch that checks the address it connects
 * to, such as `createGuardedFetch`, is safe against that.
 *
 * @throws NetError `NET_INVALID_URL`, `NET_SCHEME_NOT_ALLOWED`, `NET_CREDENTIALS_IN_URL`, `NET_HOST_NOT_ALLOWED`,
 * `NET_IP_NOT_PUBLIC`, `NET_PORT_NOT_ALLOWED`.
 * @throws TypeError or RangeError for a wrong option.
 */
export function checkUrl(url: string | URL, options: UrlCheckOptions = {}): CheckedUrl {
  return createUrlPolicy(options).checkUrl(url);
}

/** Prepares {@link checkUrl} and the check of resolved addresses for one set of options. */
export function createUrlPolicy(options: UrlCheckOptions = {}): UrlPolicy {
  const allowHttp = options.allowHttp === true;
  const ports = checkPorts(options.ports ?? []);
  const allowedHosts = new Set((options.allowHosts ?? []).map(checkHost));
  const isAllowed = createIpMatcher(options.dangerouslyAllow ?? [], "dangerouslyAllow");
  const allowsAddress = (address: IpAddress): boolean => isPublicIp(address) || isAllowed(address);

  return {
    allowsAddress,
    checkUrl(input) {
      const url = parseUrl(input);
      const secure = url.protocol === "https:";
      if (!secure && !(allowHttp && url.protocol === "http:"))
        throw new NetError("NET_SCHEME_NOT_ALLOWED", `scheme ${excerpt(url.protocol)} is not allowed`);
      if (url.username !== "" || url.password !== "")
        throw new NetError("NET_CREDENTIALS_IN_URL", "url carries a user name or password");

      const hostname = url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname;
      const address = tryParseIp(hostname);
      if (address !== undefined) {
        if (!allowsAddress(address))
          throw new NetError("NET_IP_NOT_PUBLIC", "url names an address that is not public");
      } else if (!allowedHosts.has(bareName(hostname)) && isRefusedName(bareName(hostname))) {
        throw new NetError("NET_HOST_NOT_ALLOWED", `host ${excerpt(hostname)} is not a public name`);
      }

      const standardPort = secure ? 443 : 80;
      const port = url.port === "" ? standardPort : Number(url.port);
      if (port !== standardPort && !ports.has(port))
        throw new NetError("NET_PORT_NOT_ALLOWED", `port ${port} is not allowed`);
      return address === undefined
        ? { url, secure, hostname, port }
        : { url, secure, hostname, port, address };
    },
    checkAnswers(answers) {
      if (answers.length === 0) throw new NetError("NET_DNS_FAILED", "host has no address");
      return answers.map((answer) => {
        const address = tryParseIp(answer);
        if (address === undefined || !allowsAddress(address))
          throw new NetError("NET_DNS_NOT_PUBLIC", "host resolves to an address that is not public");
        return unmapIp(address);
      });
    },
  };
}

function parseUrl(input: string | URL): URL {
  const text = typeof input === "string" ? input : input.href;
  const url = text.length > MAX_URL_LENGTH ? null : tryParseUrl(text);
  if (url === null || url.href.length > MAX_URL_LENGTH)
    throw new NetError("NET_INVALID_URL", `not an absolute url of at most ${MAX_URL_LENGTH} characters`);
  url.hash = "";
  return url;
}

function tryParseUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/** The WHATWG parser has folded case already; one trailing dot only says that the name is complete. */
function bareName(hostname: string): string {
  return hostname.endsWith(".") ? hostname.slice(0, -1) : hostname;
}

function isRefusedName(name: string): boolean {
  if (!name.includes(".") || name.startsWith(".") || name.endsWith(".") || name.includes("..")) return true;
  return METADATA_NAMES.has(name) || REFUSED_SUFFIXES.some((suffix) => name.endsWith(suffix));
}

function checkPorts(ports: readonly number[]): ReadonlySet<number> {
  for (const port of ports)
    if (!Number.isInteger(port) || port < 1 || port > 65_535)
      throw new RangeError(`ports must hold integers from 1 to 65535, got ${String(port)}`);
  return new Set(ports);
}

function checkHost(host: string): string {
  const url = typeof host === "string" ? tryParseUrl(`https://${host}/`) : null;
  const name = url === null ? "" : bareName(url.hostname);
  const isName =
    url?.href === `https://${url?.hostname}/` && tryParseIp(name) === undefined && !name.startsWith("[");
  if (isName && name !== "") return name;
  throw new TypeError("allowHosts must hold host names, without port or address");
}
