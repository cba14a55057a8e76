import type { ToolDefinition } from "@symbiont/kit";
import { MemoryPinStore, type Pin, type PinId } from "@symbiont/schemapin";
import { describe, expect, test } from "vitest";
import { discoveryOf, domain, key, readFile, signed, verifierOf } from "./fixtures.ts";

// Lists that overlap, definitions that are alive, and names made to meet another's pin.

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

/** A store whose first read takes longest. */
class SlowPinStore extends MemoryPinStore {
  #reads = 0;

  override async get(id: PinId): Promise<Pin | undefined> {
    const pin = await super.get(id);
    this.#reads += 1;
    if (this.#reads === 1) await turns(5);
    return pin;
  }
}

const tool = (name: string, description = "x"): ToolDefinition => ({ ...readFile, name, description });

describe("two lists of one server at the same time", () => {
  test("the one that came last stands, whichever is slower", async () => {
    const { verifier } = verifierOf({ pins: new SlowPinStore() });
    await Promise.all([
      verifier.admit([signed(tool("old"))], "files"),
      verifier.admit([signed(tool("new"))], "files"),
    ]);
    expect(await verifier.check("old", "files")).toBeUndefined();
    expect(await verifier.check("new", "files")).toBeDefined();
  });

  test.each(["strict", "permissive"] as const)("do not both count as first seen: %s", async (mode) => {
    const { verifier } = verifierOf({ pins: new SlowPinStore(), mode });
    const offer = (description: string): ToolDefinition =>
      mode === "strict" ? signed(tool("read", description)) : tool("read", description);
    const [first, second] = await Promise.all([
      verifier.admit([offer("one")], "files"),
      verifier.admit([offer("two")], "files"),
    ]);
    expect(first?.tools).toHaveLength(1);
    expect(second?.findings.map(({ code }) => code)).toEqual(["SCHEMAPIN_DEFINITION_CHANGED"]);
    expect(await verifier.check("read", "files")).toBeUndefined();
  });

  test("one that fails does not hold up the next", async () => {
    const pins = new MemoryPinStore();
    const put = pins.put.bind(pins);
    pins.put = async () => {
      pins.put = put;
      throw new Error("store is gone");
    };
    const { verifier } = verifierOf({ pins });
    const failing = verifier.admit([signed(readFile)], "files");
    const next = verifier.admit([signed(readFile)], "files");
    await expect(failing).rejects.toThrow("store is gone");
    expect((await next).tools).toHaveLength(1);
  });
});

describe("a definition that is alive", () => {
  test("is verified and admitted as one and the same copy", async () => {
    const offered = signed(readFile);
    let reads = 0;
    // Shows what was signed while it is being verified, and another schema to whoever looks again.
    const alive = new Proxy(readFile.inputSchema["properties"] as object, {
      ownKeys: (target) => {
        reads += 1;
        return reads === 1 ? Reflect.ownKeys(target) : [];
      },
    });
    const { verifier } = verifierOf();
    const { tools } = await verifier.admit(
      [{ ...offered, inputSchema: { ...offered.inputSchema, properties: alive as never } }],
      "files",
    );
    expect(tools.map(({ definition }) => definition)).toEqual([readFile]);
  });

  test("has one name, for its pin and for the model", async () => {
    const { verifier } = verifierOf({ mode: "permissive" });
    await verifier.admit([tool("read", "approved")], "files");
    let reads = 0;
    const alive = {
      ...tool("", "changed"),
      get name(): string {
        reads += 1;
        return reads < 4 ? "fresh" : "read";
      },
    };
    const { tools } = await verifier.admit([alive], "files");
    expect(tools.map(({ definition }) => definition.name)).toEqual(["fresh"]);
  });

  test("and cannot be read after it was verified has the code of that", async () => {
    const { verifier } = verifierOf();
    await verifier.admit([signed(readFile)], "files");
    const { findings } = await verifier.admit([{ ...signed(readFile), description: "\ud800" }], "files");
    expect(findings[0]?.code).toBe("SCHEMAPIN_CANONICALIZATION_FAILED");
  });

  test("or too deep blocks itself, not the list", async () => {
    const deep = JSON.parse(`${'{"a":'.repeat(200_000)}1${"}".repeat(200_000)}`) as never;
    const { verifier } = verifierOf();
    const { tools, findings } = await verifier.admit(
      [{ ...signed(tool("deep")), inputSchema: deep }, signed(readFile)],
      "files",
    );
    expect(tools).toHaveLength(1);
    expect(findings[0]?.code).toBe("SCHEMAPIN_CANONICALIZATION_FAILED");
  });
});

test("a server's tool cannot meet the pin of another server's", async () => {
  const trust = { domain, discovery: discoveryOf(key) };
  const servers = new Map([
    ["a", trust],
    ["a/b", trust],
  ]);
  const { verifier } = verifierOf({ servers });
  const first = await verifier.admit([signed(tool("b/c"))], "a");
  const second = await verifier.admit([signed(tool("c"))], "a/b");
  expect([first.tools.length, second.findings[0]?.code]).toEqual([1, "verified"]);
});
