import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { importPins, pinKey, unpinKey } from "@symbiont/agentpin";
import { FilePinStore } from "@symbiont/agentpin/file-pin-store";
import { pinStoreContract } from "@symbiont/agentpin/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import { ISSUER, refused, said, World } from "./world.ts";

function pinFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "agentpin-pins-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "pins.json");
}

describe("the contract of pin stores", () => {
  const paths = new WeakMap<object, string>();
  const open = (path = pinFile()): FilePinStore => {
    const store = new FilePinStore(path);
    paths.set(store, path);
    return store;
  };
  for (const { name, run } of pinStoreContract(
    () => open(),
    (store) => open(paths.get(store)),
  ))
    test(name, run);
});

test("the file is private, and what other implementations read", async () => {
  const path = pinFile();
  const world = new World();
  const verifier = world.verifier({ pins: { store: new FilePinStore(path) } });
  expect(await verifier.verify(world.token())).toMatchObject({ valid: true, pin: "first_use" });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(JSON.parse(readFileSync(path, "utf8"))).toEqual([
    {
      domain: ISSUER,
      pinned_keys: [
        {
          kid: "k1",
          public_key_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
          first_seen: world.at(0),
          last_seen: world.at(0),
          trust_level: "tofu",
        },
      ],
    },
  ]);
  expect(await verifier.verify(world.token())).toMatchObject({ pin: "pinned" });
});

test("Symbiont's text inside a text is read, and so are two spellings of one domain", () => {
  const key = {
    kid: "k",
    public_key_hash: "A".repeat(64),
    first_seen: "2026-03-01T12:00:00.123456789+00:00",
    last_seen: "2026-03-01T12:00:00Z",
    trust_level: "pinned",
  };
  const stored = [
    { domain: "a.example", pinned_keys: [key] },
    { domain: "A.example", pinned_keys: [{ ...key, public_key_hash: "b".repeat(64) }, key] },
  ];
  const pins = importPins(JSON.stringify(JSON.stringify(stored)));
  expect(pins).toMatchObject([{ domain: "a.example", keys: [{ thumbprint: "a".repeat(64) }, {}] }]);
  expect(pins[0]?.keys).toHaveLength(2);
});

test.each<[string, string]>([
  ["no JSON", "["],
  ["no list", "{}"],
  ["an entry that is none", "[1]"],
  ["a key without a hash", '[{"domain":"a.example","pinned_keys":[{"kid":"k"}]}]'],
  ["a member twice", '[{"domain":"a.example","domain":"b.example","pinned_keys":[]}]'],
])("a file with %s refuses, and stays as it is", async (_, text) => {
  const path = pinFile();
  writeFileSync(path, text, { mode: 0o600 });
  const world = new World();
  const verifier = world.verifier({ pins: { store: new FilePinStore(path) } });
  expect(await verifier.verify(world.token())).toMatchObject({ reason: "pin_store_unavailable", step: 11 });
  expect(readFileSync(path, "utf8")).toBe(text);
});

test("a file that others may write refuses", async () => {
  const path = pinFile();
  writeFileSync(path, "[]", { mode: 0o600 });
  chmodSync(path, 0o666);
  await expect(new FilePinStore(path).get(ISSUER)).rejects.toThrow(
    expect.objectContaining({ code: "AGENTPIN_PIN_STORE_UNAVAILABLE" }),
  );
});

test("an operator pins and unpins keys", async () => {
  const path = pinFile();
  const store = new FilePinStore(path);
  const world = new World();
  const { thumbprint } = world.key.publicKey;
  await pinKey(store, { domain: ISSUER, kid: "k1", thumbprint, trust: "pinned" });
  const verifier = world.verifier({ pins: { store } });
  expect(await verifier.verify(world.token())).toMatchObject({ pin: "pinned" });
  await unpinKey(store, ISSUER, thumbprint);
  expect(await verifier.verify(world.token())).toEqual(refused("KEY_PIN_MISMATCH"));
  await unpinKey(store, ISSUER);
  expect(said(await verifier.verify(world.token()))).toBe("valid");
  await expect(pinKey(store, { domain: ISSUER, kid: "k", thumbprint: "x", trust: "pinned" })).rejects.toThrow(
    TypeError,
  );
});
