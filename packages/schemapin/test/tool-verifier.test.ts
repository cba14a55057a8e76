import { generateKeyPair } from "@symbiont/keys";
import { ENVELOPE_KEY, MemoryPinStore, signTool } from "@symbiont/schemapin";
import { describe, expect, test } from "vitest";
import { discoveryOf, domain, judge, key, readFile, signed, verifierOf } from "./fixtures.ts";

const changed = { ...readFile, description: "Reads a file and mails it." };
const other = generateKeyPair("ES256").privateKey;

describe("a signed tool", () => {
  test("is admitted as a frozen copy without _meta, and can then be called", async () => {
    const { verifier } = verifierOf();
    const { tools } = await verifier.admit([signed(readFile)], "files");
    expect(tools).toEqual([
      { server: "files", definition: readFile, digest: expect.stringMatching(/^sha256:/) },
    ]);
    expect(Object.isFrozen(tools[0]?.definition.inputSchema["properties"])).toBe(true);
    expect(await verifier.check("read_file", "files")).toBe(tools[0]);
    expect(await verifier.check("read_file", "other")).toBeUndefined();
    expect(await verifier.check("constructor", "files")).toBeUndefined();
  });

  test("no longer counts when the next list leaves it out", async () => {
    const { verifier } = verifierOf();
    await verifier.admit([signed(readFile)], "files");
    await verifier.admit([], "files");
    expect(await verifier.check("read_file", "files")).toBeUndefined();
  });

  test.each([
    [
      "changed after it was signed",
      { ...signed(readFile), description: changed.description },
      "SCHEMAPIN_SIGNATURE_INVALID",
    ],
    ["signed by another key", signed(readFile, other), "SCHEMAPIN_SIGNATURE_INVALID"],
    ["signed for another domain", signed(readFile, key, "evil.example"), "SCHEMAPIN_DOMAIN_MISMATCH"],
    [
      "with a visible member that is not signed",
      { ...signed(readFile), title: "Safe" },
      "SCHEMAPIN_UNCOVERED_FIELD",
    ],
    ["without a signature", readFile, "SCHEMAPIN_SIGNATURE_MISSING"],
    [
      "with an envelope that is none",
      { ...readFile, _meta: { [ENVELOPE_KEY]: "x" } },
      "SCHEMAPIN_ENVELOPE_INVALID",
    ],
  ])("%s is blocked", async (_, tool, code) => {
    const { verifier } = verifierOf();
    expect(await judge(verifier, tool as never)).toBe(`block ${code}`);
    expect(await verifier.check("read_file", "files")).toBeUndefined();
  });

  test("of a server that the operator does not know is blocked", async () => {
    const { verifier } = verifierOf();
    const { tools, findings } = await verifier.admit([signed(readFile)], "unknown");
    expect([tools, findings[0]?.code]).toEqual([[], "SCHEMAPIN_UNKNOWN_SERVER"]);
  });

  test("with the name of another one is blocked, and so is the other", async () => {
    const { verifier } = verifierOf();
    const { tools, findings } = await verifier.admit([signed(readFile), signed(changed)], "files");
    expect([tools, findings.map(({ code }) => code)]).toEqual([
      [],
      ["SCHEMAPIN_DUPLICATE_TOOL", "SCHEMAPIN_DUPLICATE_TOOL"],
    ]);
  });

  test("can be signed beside the server, for one that does not sign", async () => {
    const envelopes = new Map([["read_file", signTool(readFile, { key, domain })]]);
    const { verifier } = verifierOf({}, { envelopes });
    expect(await judge(verifier, readFile)).toBe("allow verified");
    expect(await judge(verifier, changed)).toBe("block SCHEMAPIN_SIGNATURE_INVALID");
  });
});

describe("pins", () => {
  test("block a key that changed, until the operator says otherwise", async () => {
    const pins = new MemoryPinStore();
    await judge(verifierOf({ pins }).verifier, signed(readFile));
    const rotated = verifierOf({ pins }, { discovery: discoveryOf(other) }).verifier;
    expect(await judge(rotated, signed(readFile, other))).toBe("block SCHEMAPIN_KEY_PIN_MISMATCH");
  });

  test("block a change that is correctly signed, unless told to accept it", async () => {
    const pins = new MemoryPinStore();
    await judge(verifierOf({ pins }).verifier, signed(readFile));
    expect(await judge(verifierOf({ pins }).verifier, signed(changed))).toBe(
      "block SCHEMAPIN_DEFINITION_CHANGED",
    );
    expect(await judge(verifierOf({ pins, onSignedChange: "accept" }).verifier, signed(changed))).toBe(
      "allow verified",
    );
    expect(await judge(verifierOf({ pins }).verifier, signed(changed))).toBe("allow verified");
    expect(await judge(verifierOf({ pins }).verifier, signed(readFile))).toBe(
      "block SCHEMAPIN_DEFINITION_CHANGED",
    );
  });

  test("are needed before first use where first use is refused", async () => {
    const pins = new MemoryPinStore();
    const closed = verifierOf({ pins, firstUse: "refuse" }).verifier;
    expect(await judge(closed, signed(readFile))).toBe("block SCHEMAPIN_KEY_NOT_PINNED");
    const id = { kind: "tool", domain, subject: "files/read_file" } as const;
    await pins.put([
      { id, pin: { fingerprint: key.publicKey.fingerprint, firstSeen: 1, trust: "provisioned" } },
    ]);
    expect(await judge(closed, signed(readFile))).toBe("allow verified");
    expect(await pins.get(id)).toMatchObject({
      trust: "provisioned",
      firstSeen: 1,
      digest: expect.stringMatching(/^sha256:/),
    });
  });

  test("are not written for what was blocked", async () => {
    const { verifier, pins } = verifierOf();
    await judge(verifier, signed(readFile, other));
    expect(await pins.get({ kind: "tool", domain, subject: "files/read_file" })).toBeUndefined();
  });

  test("that cannot be written admit nothing", async () => {
    const pins = { get: async () => undefined, put: async () => Promise.reject(new Error("disk full")) };
    const { verifier } = verifierOf({ pins });
    await expect(verifier.admit([signed(readFile)], "files")).rejects.toThrow("disk full");
    expect(await verifier.check("read_file", "files")).toBeUndefined();
  });

  test("that cannot be read admit nothing", async () => {
    const pins = { get: async () => Promise.reject(new Error("broken")), put: async () => undefined };
    await expect(verifierOf({ pins }).verifier.admit([signed(readFile)], "files")).rejects.toThrow("broken");
  });
});

describe("permissive mode", () => {
  test("admits an unsigned tool with a warning, pins its content, and blocks its change", async () => {
    const { verifier } = verifierOf({ mode: "permissive" });
    expect(await judge(verifier, readFile)).toBe("warn SCHEMAPIN_SIGNATURE_MISSING");
    expect(await judge(verifier, readFile)).toBe("warn SCHEMAPIN_SIGNATURE_MISSING");
    expect(await judge(verifier, changed)).toBe("block SCHEMAPIN_DEFINITION_CHANGED");
  });

  test("blocks a tool that was signed once and now is not", async () => {
    const { verifier } = verifierOf({ mode: "permissive" });
    await judge(verifier, signed(readFile));
    expect(await judge(verifier, readFile)).toBe("block SCHEMAPIN_SIGNATURE_MISSING");
  });

  test("leaves out visible members that are not signed", async () => {
    const { verifier } = verifierOf({ mode: "permissive" });
    const { tools, findings } = await verifier.admit([{ ...signed(readFile), title: "Safe" }], "files");
    expect(tools[0]?.definition).toEqual(readFile);
    expect(findings[0]).toMatchObject({ action: "warn", code: "SCHEMAPIN_UNCOVERED_FIELD" });
  });
});

describe("options", () => {
  test("a revoked key blocks, whichever list names it", async () => {
    const { fingerprint } = key.publicKey;
    const inline = verifierOf(
      {},
      {
        discovery: discoveryOf(key, {
          revoked_keys: [fingerprint.toUpperCase().replace("SHA256", "sha256")],
        }),
      },
    );
    expect(await judge(inline.verifier, signed(readFile))).toBe("block SCHEMAPIN_KEY_REVOKED");
    const standalone = verifierOf(
      {},
      { revocation: { domain, revoked_keys: [{ fingerprint, reason: "key_compromise" }] } },
    );
    expect(await judge(standalone.verifier, signed(readFile))).toBe("block SCHEMAPIN_KEY_REVOKED");
  });

  test("a revocation document of another domain is refused", () => {
    expect(() => verifierOf({}, { revocation: { domain: "other.example", revoked_keys: [] } })).toThrow(
      expect.objectContaining({ code: "SCHEMAPIN_DOMAIN_MISMATCH" }),
    );
  });

  test.each([
    ["mode", "lenient"],
    ["firstUse", "ask"],
    ["onSignedChange", "allow"],
    ["sameNames", "rename"],
  ])("%s must be known, not %s", (name, value) => {
    expect(() => verifierOf({ [name]: value })).toThrow(new RegExp(name));
  });
});
