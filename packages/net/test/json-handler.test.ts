import { createJsonHandler, parseIpRange, rangeWithin, type ServedJson } from "@symbiont/net";
import { expect, test } from "vitest";

const served = (more: Partial<ServedJson> = {}): ServedJson => ({
  document: { b: 1, a: 2 },
  cacheControl: () => "no-store",
  lastModified: () => 0,
  ...more,
});
const get = async (more: Partial<ServedJson> = {}, init: RequestInit = {}, path = "/a.json") =>
  createJsonHandler(new Map([["/a.json", served(more)]]))(new Request(`https://x.example${path}`, init));

test("a document is served in one form, and not again to who has it", async () => {
  const response = await get();
  expect(await response.text()).toBe('{"a":2,"b":1}');
  expect(Object.fromEntries(response.headers)).toMatchObject({
    "access-control-allow-origin": "*",
    "cache-control": "no-store",
    "content-type": "application/json",
    "last-modified": "Thu, 01 Jan 1970 00:00:00 GMT",
    "x-content-type-options": "nosniff",
  });
  const etag = response.headers.get("etag") ?? "";
  expect((await get({}, { headers: { "if-none-match": etag } })).status).toBe(304);
  expect((await get({ document: () => ({ a: 3 }) }, { headers: { "if-none-match": etag } })).status).toBe(
    200,
  );
  expect((await get({ lastModified: () => undefined })).headers.has("last-modified")).toBe(false);
});

test("only GET and HEAD, only known paths, and no document that its check refuses", async () => {
  expect((await get({}, { method: "DELETE" })).status).toBe(405);
  expect(await (await get({}, { method: "HEAD" })).text()).toBe("");
  expect((await get({}, {}, "/b.json")).status).toBe(404);
  const lastModified = () => {
    throw new TypeError("bad");
  };
  await expect(get({ lastModified })).rejects.toThrow("bad");
});

test.each<[string, string, boolean]>([
  ["10.1.0.0/16", "10.0.0.0/8", true],
  ["10.1.2.3", "10.0.0.0/8", true],
  ["10.0.0.0/8", "10.0.0.0/8", true],
  ["10.0.0.0/7", "10.0.0.0/8", false],
  ["11.0.0.0/16", "10.0.0.0/8", false],
  ["2001:db8:1::/48", "2001:db8::/32", true],
  ["2001:db8::/31", "2001:db8::/32", false],
  ["10.0.0.0/8", "::/0", false],
  ["::/0", "0.0.0.0/0", false],
  ["::ffff:10.0.0.0/104", "10.0.0.0/8", true],
])("%s within %s: %j", (inner, outer, expected) => {
  const [a, b] = [parseIpRange(inner), parseIpRange(outer)];
  if (a === undefined || b === undefined) throw new Error("no range");
  expect(rangeWithin(a, b)).toBe(expected);
});
