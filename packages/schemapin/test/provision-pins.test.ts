import { generateKeyPair } from "@symbiont/keys";
import { importPins, MemoryPinStore, provisionPins, SchemaPinError, toolSubject } from "@symbiont/schemapin";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { domain, judge, key, readFile, signed, verifierOf } from "./fixtures.ts";

const refused = (code: string) => expect.objectContaining({ code }) as Error;
const { fingerprint } = key.publicKey;
const id = { kind: "tool", domain, subject: toolSubject("files", "read_file") } as const;
const clock = { now: () => 1_000 };

describe("provisioning", () => {
  test("lets a closed verifier admit what the operator approved, and nothing else", async () => {
    const pins = new MemoryPinStore();
    await provisionPins(pins, [{ id, fingerprint, definition: readFile }], { approvedBy: "alice", clock });
    expect(await pins.get(id)).toMatchObject({
      fingerprint,
      trust: "provisioned",
      approvedBy: "alice",
      firstSeen: 1_000,
    });
    const closed = verifierOf({ pins, firstUse: "refuse" }).verifier;
    expect(await judge(closed, signed(readFile))).toBe("allow verified");
    expect(await judge(closed, signed({ ...readFile, description: "x" }))).toBe(
      "block SCHEMAPIN_DEFINITION_CHANGED",
    );
    expect(await judge(closed, signed({ ...readFile, name: "other" }))).toBe(
      "block SCHEMAPIN_KEY_NOT_PINNED",
    );
  });

  test("of a tool is about what can be seen of it", async () => {
    const pins = new MemoryPinStore();
    const listed = { ...readFile, _meta: { more: 1 }, execution: { taskSupport: "optional" } };
    await provisionPins(pins, [{ id, fingerprint, tool: listed }], { approvedBy: "alice" });
    expect(await judge(verifierOf({ pins, firstUse: "refuse" }).verifier, signed(readFile))).toBe(
      "allow verified",
    );
    const both = { id, tool: readFile, definition: readFile };
    await expect(provisionPins(pins, [both], { approvedBy: "alice" })).rejects.toThrow(TypeError);
  });

  test("replaces a pin and remembers what was there", async () => {
    const pins = new MemoryPinStore();
    await judge(verifierOf({ pins }).verifier, signed(readFile));
    const next = generateKeyPair("ES256").publicKey.fingerprint;
    await provisionPins(pins, [{ id, fingerprint: next }], { approvedBy: "alice" });
    expect(await pins.get(id)).toMatchObject({ fingerprint: next, previous: [{ fingerprint }] });
    expect((await pins.get(id))?.digest).toBeUndefined();
  });

  test("keeps at most sixteen previous", async () => {
    const pins = new MemoryPinStore();
    for (let index = 0; index < 20; index += 1) {
      await provisionPins(pins, [{ id, definition: { ...readFile, description: String(index) } }], {
        approvedBy: "alice",
        clock: { now: () => index },
      });
    }
    expect((await pins.get(id))?.previous?.map(({ retiredAt }) => retiredAt)).toEqual(
      Array.from({ length: 16 }, (_, index) => index + 4),
    );
  });

  test("does not keep a definition that is long", async () => {
    const pins = new MemoryPinStore();
    const definition = { ...readFile, description: "x".repeat(20_000) };
    await provisionPins(pins, [{ id, definition }], { approvedBy: "alice" });
    expect(await pins.get(id)).toMatchObject({ digest: expect.stringMatching(/^sha256:/) });
    expect((await pins.get(id))?.definition).toBeUndefined();
  });

  test("of nothing, or of no fingerprint, is refused as a whole", async () => {
    const pins = new MemoryPinStore();
    const options = { approvedBy: "alice" };
    await expect(provisionPins(pins, [{ id, fingerprint }, { id }], options)).rejects.toThrow(TypeError);
    await expect(provisionPins(pins, [{ id, fingerprint: "sha256:00" }], options)).rejects.toThrow(
      RangeError,
    );
    await expect(provisionPins(pins, [{ id, definition: "{" }], options)).rejects.toThrow(
      refused("SCHEMAPIN_CANONICALIZATION_FAILED"),
    );
    expect(await pins.list()).toEqual([]);
  });
});

describe("a pin that is seen again", () => {
  test("is written once a day at most", async () => {
    const pins = new MemoryPinStore();
    let puts = 0;
    const put = pins.put.bind(pins);
    pins.put = async (all) => {
      puts += all.length;
      await put(all);
    };
    let now = 0;
    const { verifier } = verifierOf({ pins, clock: { now: () => now } });
    for (now of [0, 1, 86_399_999, 86_400_000, 86_400_001]) await judge(verifier, signed(readFile));
    expect(puts).toBe(2);
    expect(await pins.get(id)).toMatchObject({ firstSeen: 0, lastSeen: 86_400_000 });
  });
});

describe("importing", () => {
  const pem = key.publicKey.toPem();
  const imported = (data: unknown, options = {}) => importPins(JSON.stringify(data), { clock, ...options });

  test("keeps what the other store knew", () => {
    const rust = {
      tool_id: "t",
      domain: "Tools.Example.com",
      pinned_keys: [
        {
          fingerprint,
          first_seen: "2026-05-02T00:00:00Z",
          last_seen: "2026-05-03T00:00:00Z",
          trust_level: "pinned",
        },
        {
          fingerprint: `sha256:${"A".repeat(64)}`,
          first_seen: "2026-05-01T00:00:00+00:00",
          last_seen: "2026-05-01T12:00:00.5Z",
          trust_level: "tofu",
        },
      ],
    };
    expect(imported([rust], { subject: (tool: string) => toolSubject("files", tool) })).toEqual([
      {
        id: { kind: "tool", domain: "tools.example.com", subject: "files/t" },
        pin: {
          fingerprint,
          firstSeen: Date.parse("2026-05-02T00:00:00Z"),
          lastSeen: Date.parse("2026-05-03T00:00:00Z"),
          trust: "provisioned",
          previous: [
            { fingerprint: `sha256:${"a".repeat(64)}`, retiredAt: Date.parse("2026-05-01T12:00:00.500Z") },
          ],
        },
      },
    ]);
  });

  test("splits at the last @, and stamps what has no time", () => {
    expect(imported({ "a@b@c.example": fingerprint })).toEqual([
      {
        id: { kind: "tool", domain: "c.example", subject: "a@b" },
        pin: { fingerprint, firstSeen: 1_000, trust: "tofu" },
      },
    ]);
  });

  test("computes Symbiont's fingerprints again, from a key or from the document that holds one", () => {
    const entry = (public_key: string) => ({
      "npx server": { identifier: "npx server", public_key, fingerprint: "00" },
    });
    for (const fetched of [pem, JSON.stringify({ schema_version: "1.2", public_key_pem: pem })]) {
      const [pin] = imported(entry(fetched), { domain: () => "x.example" });
      expect(pin).toMatchObject({ id: { domain: "x.example", subject: "npx server" }, pin: { fingerprint } });
    }
    expect(() => imported(entry(pem))).toThrow(refused("SCHEMAPIN_PIN_STORE_CORRUPT"));
  });

  test.each<[string, unknown]>([
    ["a domain that is none", { "t@localhost": fingerprint }],
    ["no domain", { t: fingerprint }],
    ["no tool", { "@x.example": fingerprint }],
    ["a fingerprint that is none", { "t@x.example": "sha256:00" }],
    ["one name twice", { "t@x.example": fingerprint, "t@X.example": fingerprint }],
    ["a list of numbers", [1]],
    ["no keys", [{ tool_id: "t", domain: "x.example", pinned_keys: [] }]],
    [
      "an unknown trust level",
      [{ tool_id: "t", domain: "x.example", pinned_keys: [{ fingerprint, trust_level: "toString" }] }],
    ],
    [
      "a time that is none",
      [{ tool_id: "t", domain: "x.example", public_key_pem: pem, pinned_at: "yesterday" }],
    ],
    ["a key that is none", { pinned_keys: { t: { domain: "x.example", public_key_pem: "x" } } }],
    ["a key without a domain", { pinned_keys: { t: { public_key_pem: pem } } }],
    ["another identifier inside", { "x.example": { identifier: "y.example", public_key: pem } }],
    ["text", "x"],
    ["null", null],
  ])("refuses %s", (_, data) => {
    expect(() => imported(data)).toThrow(refused("SCHEMAPIN_PIN_STORE_CORRUPT"));
  });

  test("throws nothing but SchemaPinError, whatever the file is", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        try {
          importPins(text);
        } catch (error) {
          expect(SchemaPinError.is(error)).toBe(true);
        }
      }),
    );
  });
});
