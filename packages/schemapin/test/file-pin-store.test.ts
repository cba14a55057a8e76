import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Pin, PinId } from "@symbiont/schemapin";
import { FilePinStore } from "@symbiont/schemapin/file-pin-store";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pins-"));
  path = join(folder, "pins.json");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const id = (subject: string): PinId => ({ kind: "tool", domain: "example.com", subject });
const pin: Pin = {
  fingerprint: `sha256:${"0".repeat(64)}`,
  digest: `sha256:${"1".repeat(64)}`,
  firstSeen: 1,
  trust: "tofu",
};
const refused = (code: string) => expect.objectContaining({ code }) as Error;

describe("FilePinStore", () => {
  test("remembers, also in another instance, and keeps the file private", async () => {
    await new FilePinStore(path).put([
      { id: id("a"), pin },
      { id: id("__proto__x"), pin },
    ]);
    expect(await new FilePinStore(path).get(id("a"))).toEqual(pin);
    expect(await new FilePinStore(path).get(id("b"))).toBeUndefined();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("keeps domain and subject apart", async () => {
    const store = new FilePinStore(path);
    await store.put([{ id: { kind: "tool", domain: "b@c", subject: "a" }, pin }]);
    expect(await store.get({ kind: "tool", domain: "c", subject: "a@b" })).toBeUndefined();
  });

  test("sees what another process wrote", async () => {
    const [one, two] = [new FilePinStore(path), new FilePinStore(path)];
    await one.put([{ id: id("a"), pin }]);
    expect(await two.get(id("a"))).toEqual(pin);
    await one.put([{ id: id("b"), pin }]);
    expect(await two.get(id("b"))).toEqual(pin);
  });

  test("loses nothing when many write at once", async () => {
    const names = Array.from({ length: 20 }, (_, index) => `tool-${index}`);
    await Promise.all(names.map(async (name) => new FilePinStore(path).put([{ id: id(name), pin }])));
    const store = new FilePinStore(path);
    for (const name of names) expect(await store.get(id(name))).toEqual(pin);
  });

  test.each([
    ["empty", ""],
    ["cut", '{"pins":{"a":'],
    ["of another version", '{"pins":{},"version":2}'],
    ["without pins", '{"version":1}'],
    ["with a name twice", '{"version":1,"pins":{},"pins":{}}'],
    ["with a malformed pin", '{"version":1,"pins":{"a":{"fingerprint":"x","firstSeen":1,"trust":"tofu"}}}'],
    ["with an empty pin", '{"version":1,"pins":{"a":{"firstSeen":1,"trust":"tofu"}}}'],
    ["with null", '{"version":1,"pins":{"a":null}}'],
    ["a list", "[]"],
    ["null", "null"],
  ])("throws when the file is %s, and leaves it as it is", async (_, content) => {
    writeFileSync(path, content, { mode: 0o600 });
    const store = new FilePinStore(path);
    await expect(store.get(id("a"))).rejects.toThrow(refused("SCHEMAPIN_PIN_STORE_CORRUPT"));
    await expect(store.put([{ id: id("a"), pin }])).rejects.toThrow(refused("SCHEMAPIN_PIN_STORE_CORRUPT"));
    expect(readFileSync(path, "utf8")).toBe(content);
  });

  test("throws when others may write the file, or it is a link", async () => {
    await new FilePinStore(path).put([{ id: id("a"), pin }]);
    chmodSync(path, 0o666);
    await expect(new FilePinStore(path).get(id("a"))).rejects.toThrow(
      refused("SCHEMAPIN_PIN_STORE_UNAVAILABLE"),
    );
    chmodSync(path, 0o600);
    symlinkSync(path, join(folder, "link.json"));
    await expect(new FilePinStore(join(folder, "link.json")).get(id("a"))).rejects.toThrow(
      refused("SCHEMAPIN_PIN_STORE_UNAVAILABLE"),
    );
  });
});
