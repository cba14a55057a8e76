import { domainToASCII } from "node:url";
import { formatIp, type IpAddress, tryParseIp } from "@symbiont/net";

/** A host and port that somebody names, in one form only. */
export interface NetworkTarget {
  /** Lower case, ASCII, without a trailing dot; an address in its canonical form, without brackets. */
  readonly host: string;
  readonly port: number;
  /** When the host is an address, however it was written. */
  readonly address?: IpAddress;
}

const MAX_LENGTH = 300;
const AUTHORITY = /^(?<host>\[[0-9A-Fa-f:.]+\]|[^:[\]/?#@\\%\s]+):(?<port>[0-9]{1,5})$/;
const NAME =
  /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/;

/** Reads `host:port`; the port must be there. Undefined for anything else. */
export function parseAuthority(text: string): NetworkTarget | undefined {
  const parts = text.length > MAX_LENGTH ? undefined : AUTHORITY.exec(text)?.groups;
  const port = Number(parts?.["port"]);
  if (parts === undefined || port < 1 || port > 65_535) return undefined;
  const host = parseHost(parts["host"] as string);
  return host === undefined ? undefined : { ...host, port };
}

/** Reads the URL of an unencrypted request as a proxy is sent it. Undefined for anything else. */
export function parseAbsoluteForm(
  text: string,
): { readonly target: NetworkTarget; readonly path: string } | undefined {
  const parts = /^http:\/\/(?<authority>[^/?#]*)(?<path>[/?][^#]*)?$/i.exec(text);
  const authority = parts?.groups?.["authority"];
  if (authority === undefined) return undefined;
  const target = parseAuthority(/:[0-9]{1,5}$/.test(authority) ? authority : `${authority}:80`);
  if (target === undefined) return undefined;
  const path = parts?.groups?.["path"] ?? "/";
  return { target, path: path.startsWith("/") ? path : `/${path}` };
}

/** A host as everything here compares it: names in lower-case ASCII, addresses by what they mean. */
export function parseHost(text: string): Pick<NetworkTarget, "host" | "address"> | undefined {
  if (text.startsWith("[")) {
    const address = tryParseIp(text.slice(1, -1));
    return address?.version === 6 ? { host: formatIp(address), address } : undefined;
  }
  // This also turns 0x7f.1 and 2130706433 into the address that a resolver would make of them.
  const ascii = domainToASCII(text.endsWith(".") ? text.slice(0, -1) : text);
  const address = tryParseIp(ascii);
  if (address !== undefined) return { host: formatIp(address), address };
  return NAME.test(ascii) ? { host: ascii } : undefined;
}

/** As it is written in front of a request. */
export function formatTarget({ host, port, address }: NetworkTarget): string {
  return `${address?.version === 6 ? `[${host}]` : host}:${port}`;
}
