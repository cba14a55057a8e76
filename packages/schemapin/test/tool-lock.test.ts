import {
  MemoryPinStore,
  parseToolLock,
  parseToolSidecar,
  signTool,
  toolDigest,
  writeToolLock,
  writeToolSidecar,
} from "@symbiont/schemapin";
import { describe, expect, test } from "vitest";
import { domain, judge, key, readFile, signed, verifierOf } from "./fixtures.ts";

const refused = (code: string) => expect.objectContaining({ code }) as Error;
const second = { ...readFile, name: "second", title: "Second", annotations: { readOnlyHint: true } };

describe("a lock file", () => {
  test("admits exactly what it names, signed or not, in strict mode, without pins", async () => {
    const { server, tools } = parseToolLock(writeToolLock([readFile, second], "files"));
    expect(server).toBe("files");
    const pins = new MemoryPinStore();
    const servers = new Map([["files", { domain, lock: tools }]]);
    const { verifier } = verifierOf({ servers, pins, firstUse: "refuse" });
    const admitted = await verifier.admit([signed(readFile), second], "files");
    expect(admitted.tools.map(({ definition }) => definition)).toEqual([readFile, second]);
    expect(admitted.findings.map(({ code }) => code)).toEqual(["verified", "verified"]);
    expect(await pins.list()).toEqual([]);
    expect(await judge(verifier, { ...second, annotations: {} })).toBe("block SCHEMAPIN_DEFINITION_CHANGED");
    expect(await judge(verifier, { ...readFile, title: "x" })).toBe("block SCHEMAPIN_DEFINITION_CHANGED");
    expect(await judge(verifier, signed({ ...readFile, name: "third" }))).toBe("block SCHEMAPIN_NOT_LOCKED");
    expect(await judge(verifier, { ...readFile, name: "constructor" })).toBe("block SCHEMAPIN_NOT_LOCKED");
  });

  test("does not hide text that nobody sees", async () => {
    const hidden = { ...readFile, description: "a\u200bb" };
    const lock = new Map([["read_file", toolDigest(hidden)]]);
    const { verifier } = verifierOf({}, { lock });
    expect(await judge(verifier, hidden)).toBe("block SCHEMAPIN_HIDDEN_TEXT");
  });

  test("of two tools of one name is not written", () => {
    expect(() => writeToolLock([readFile, readFile], "files")).toThrow(refused("SCHEMAPIN_DUPLICATE_TOOL"));
  });
});

test("a server without documents and without a lock has no signed tools", async () => {
  const servers = new Map([["files", { domain }]]);
  const { verifier } = verifierOf({ servers, mode: "permissive" });
  expect(await judge(verifier, signed(readFile))).toBe("block SCHEMAPIN_KEY_NOT_FOUND");
  expect(() => verifierOf({ servers })).toThrow(
    expect.objectContaining({ code: "SCHEMAPIN_DISCOVERY_INVALID" }) as Error,
  );
});

describe("a file of signatures beside the server", () => {
  test("comes back as it was written, and verifies", async () => {
    const envelope = signTool(readFile, { key, domain, attestation: { version: "1" } });
    const text = writeToolSidecar([{ tool: "read_file", envelope }], "files");
    const { server, tools } = parseToolSidecar(text);
    expect([server, tools.get("read_file")]).toEqual(["files", envelope]);
    const { verifier } = verifierOf({ requireAuthenticatedMetadata: true }, { envelopes: tools });
    expect(await judge(verifier, readFile)).toBe("allow verified");
    expect(parseToolSidecar(text.replace('"version": 1,', "")).tools.size).toBe(1);
  });
});

describe.each([
  ["lock", parseToolLock],
  ["sidecar", parseToolSidecar],
] as const)("a %s file", (_, parse) => {
  test.each([
    ["empty", ""],
    ["a list", "[]"],
    ["null", "null"],
    ["of another version", '{"version":2,"server":"s","tools":{}}'],
    ["without a server", '{"tools":{}}'],
    ["without tools", '{"server":"s"}'],
    ["with a tool that is none", '{"server":"s","tools":{"t":1}}'],
    ["with a name twice", '{"server":"s","tools":{"t":{},"t":{}}}'],
    ["with a prototype", '{"server":"s","tools":{"__proto__":{}}}'],
    ["with an unknown member", '{"server":"s","tools":{},"more":1}'],
  ])("that is %s is refused", (_name, text) => {
    expect(() => parse(text)).toThrow(refused("SCHEMAPIN_LOCK_INVALID"));
  });
});
