import { WebhookError } from "../../webhook-error.ts";

const STANDARD_PORTS: Readonly<Record<string, string>> = { "https:": ":443", "http:": ":80" };
const AUTHORITY = /^(https?:)\/\/([^/?#]*)/i;

/**
 * The spellings of one URL that Twilio may have signed: as configured and as a URL parser writes it, with and
 * without the port, and with the query as older senders escape it. All of them lead to the same place.
 * @throws WebhookError `WEBHOOK_MISSING_CONTEXT` when the URL is missing or not one.
 */
export function urlSpellings(url: string | undefined): readonly string[] {
  if (url === undefined || !URL.canParse(url) || !AUTHORITY.test(url))
    throw new WebhookError("WEBHOOK_MISSING_CONTEXT", "scheme signs the url, which was not given as http(s)");
  const spellings = new Set<string>();
  for (const base of [url, new URL(url).href])
    for (const query of [base, withLegacyQuery(base)]) {
      spellings.add(query);
      spellings.add(withPort(query));
      spellings.add(withoutPort(query));
    }
  return [...spellings];
}

function withPort(url: string): string {
  return url.replace(AUTHORITY, (all, scheme: string) =>
    /:[0-9]*$/.test(all) && !all.endsWith(scheme) ? all : all + (STANDARD_PORTS[scheme.toLowerCase()] ?? ""),
  );
}

function withoutPort(url: string): string {
  return url.replace(AUTHORITY, (all) => all.replace(/:[0-9]*$/, ""));
}

/** The query parsed and written again with `%20` for a space and the apostrophe as it is. */
function withLegacyQuery(url: string): string {
  const start = url.indexOf("?");
  if (start < 0) return url;
  const pairs = [...new URLSearchParams(url.slice(start + 1))];
  const query = pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  return `${url.slice(0, start)}?${query.join("&")}`;
}
