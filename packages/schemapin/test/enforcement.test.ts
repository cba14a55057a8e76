import type { AuditRecord } from "@symbiont/kit";
import {
  Enforcement,
  isVerified,
  MemoryPinStore,
  type Verification,
  type Verified,
} from "@symbiont/schemapin";
import { describe, expect, test } from "vitest";
import { judge, readFile, signed, verifierOf } from "./fixtures.ts";

const refused = (code: string) => expect.objectContaining({ code }) as Error;
const production = { SYMBIONT_ENV: "production" };
const bypass = { ...production, SYMBIONT_ALLOW_TOOL_ENFORCEMENT_BYPASS: "true" };

function auditList(): { records: AuditRecord[]; audit: { append: (record: AuditRecord) => Promise<any> } } {
  const records: AuditRecord[] = [];
  return { records, audit: { append: async (record) => ({ sequence: records.push(record) }) } };
}

describe("a verified status", () => {
  test("that the verifier did not issue is refused", () => {
    const forged = {
      status: "verified",
      digest: `sha256:${"0".repeat(64)}`,
      covered: [],
      uncovered: [],
      concerns: [],
    } as unknown as Verified;
    expect(isVerified(forged)).toBe(false);
    expect(() => new Enforcement({ mode: "strict", env: {} }).decide(forged, "t")).toThrow(TypeError);
    expect(() => new Enforcement({ mode: "permissive", env: {} }).decide({ ...forged }, "t")).toThrow(
      TypeError,
    );
  });

  test.each([null, undefined, "verified", 1])("is never %s", (value) => {
    expect(isVerified(value)).toBe(false);
  });
});

describe("enforcement", () => {
  test.each(["lenient", "Strict", undefined, null])("mode %s is refused", (mode) => {
    expect(() => new Enforcement({ mode: mode as never, env: {} })).toThrow(TypeError);
  });

  test.each([
    { SYMBIONT_ENV: "prodcution" },
    { SYMBIONT_ENV: "live" },
    { SYMBIONT_ALLOW_TOOL_ENFORCEMENT_BYPASS: "yes", SYMBIONT_ENV: "production" },
  ])("an environment of %o is refused", (env) => {
    expect(() => new Enforcement({ mode: "disabled", env })).toThrow(RangeError);
  });

  test.each([
    production,
    { NODE_ENV: "production" },
    { ...production, SYMBIONT_ALLOW_TOOL_ENFORCEMENT_BYPASS: "0" },
  ])("development and disabled are refused in %o", (env) => {
    for (const mode of ["development", "disabled"] as const) {
      expect(() => new Enforcement({ mode, env })).toThrow(refused("SCHEMAPIN_ENFORCEMENT_REFUSED"));
    }
    for (const mode of ["strict", "permissive"] as const) {
      expect(new Enforcement({ mode, env }).isBypassed).toBe(false);
    }
  });

  test("blocks a status that nobody knows, in every mode but disabled", () => {
    const unknown = { status: "fine", code: "x", reason: "y" } as unknown as Verification;
    for (const mode of ["strict", "permissive", "development"] as const) {
      expect(new Enforcement({ mode, env: {} }).decide(unknown, "t").action).toBe("block");
    }
  });

  test("counts warnings for each tool alone", () => {
    const enforcement = new Enforcement({ mode: "permissive", warningsBeforeEscalation: 2, env: {} });
    const pending = { status: "pending", code: "x", reason: "y" } as const;
    const said = ["a", "b", "a", "a", "a"].map((tool) => enforcement.decide(pending, tool).escalated);
    expect(said).toEqual([undefined, undefined, true, undefined, true]);
    expect(() => new Enforcement({ mode: "strict", warningsBeforeEscalation: 0, env: {} })).toThrow(
      RangeError,
    );
  });
});

describe("the verifier", () => {
  test("refuses a relaxed mode in production", () => {
    for (const mode of ["development", "disabled"] as const) {
      expect(() => verifierOf({ mode, env: production })).toThrow(refused("SCHEMAPIN_ENFORCEMENT_REFUSED"));
      expect(() => verifierOf({ mode, env: bypass })).toThrow(/audit/);
    }
  });

  test("records each call of a bypassed mode before it is answered", async () => {
    const { records, audit } = auditList();
    const { verifier } = verifierOf({ mode: "disabled", env: bypass, audit });
    await verifier.admit([readFile], "files");
    expect(records).toEqual([]);
    for (let call = 0; call < 2; call += 1) expect(await verifier.check("read_file", "files")).toBeDefined();
    expect(await verifier.check("other", "files")).toBeUndefined();
    expect(records).toMatchObject([
      { type: "tool.enforcement.bypass", action: "disabled", resource: { id: "files/read_file" } },
      { type: "tool.enforcement.bypass" },
    ]);
  });

  test("denies a call of a bypassed mode that cannot be recorded", async () => {
    const audit = { append: async () => Promise.reject(new Error("disk full")) };
    const { verifier } = verifierOf({ mode: "development", env: bypass, audit });
    await verifier.admit([signed(readFile)], "files");
    await expect(verifier.check("read_file", "files")).rejects.toThrow("disk full");
  });

  test("disabled admits what failed, as a frozen copy, and pins nothing of it", async () => {
    const pins = new MemoryPinStore();
    const { verifier } = verifierOf({ mode: "disabled", pins });
    const forged = { ...signed(readFile), description: "another" };
    const { tools, findings } = await verifier.admit([forged], "files");
    expect(findings).toMatchObject([{ action: "allow", code: "SCHEMAPIN_SIGNATURE_INVALID" }]);
    expect(Object.isFrozen(tools[0]?.definition)).toBe(true);
    expect(tools[0]?.definition).not.toHaveProperty("_meta");
    expect(await pins.list()).toEqual([]);
    const { tools: unknown } = await verifier.admit([readFile], "nobody");
    expect(unknown).toHaveLength(1);
  });

  test("disabled still blocks what cannot be read, and two tools of one name", async () => {
    const { verifier } = verifierOf({ mode: "disabled" });
    const unreadable = { ...readFile, description: "\ud800" };
    expect(await judge(verifier, unreadable)).toBe("block SCHEMAPIN_CANONICALIZATION_FAILED");
    const { tools } = await verifier.admit([readFile, readFile], "files");
    expect(tools).toEqual([]);
  });

  test("development blocks unsigned tools unless told to let them pass", async () => {
    expect(await judge(verifierOf({ mode: "development" }).verifier, readFile)).toBe(
      "block SCHEMAPIN_SIGNATURE_MISSING",
    );
    const lenient = verifierOf({ mode: "development", allowSkippedInDevelopment: true }).verifier;
    expect(await judge(lenient, readFile)).toBe("warn SCHEMAPIN_SIGNATURE_MISSING");
    expect(await judge(lenient, { ...signed({ ...readFile, name: "other" }), description: "x" })).toBe(
      "block SCHEMAPIN_SIGNATURE_INVALID",
    );
  });

  test("refuses first use by default in production, and nowhere else", async () => {
    const open = async (env: Record<string, string>, more: object = {}) =>
      judge(verifierOf({ ...more, firstUse: undefined as never, env }).verifier, signed(readFile));
    expect(await open(production)).toBe("block SCHEMAPIN_KEY_NOT_PINNED");
    expect(await open({ NODE_ENV: "production" })).toBe("block SCHEMAPIN_KEY_NOT_PINNED");
    expect(await open({ NODE_ENV: "production" }, { mode: "permissive" })).toBe(
      "block SCHEMAPIN_KEY_NOT_PINNED",
    );
    expect(await open({ SYMBIONT_ENV: "staging" })).toBe("allow verified");
    expect(() => verifierOf({ env: { SYMBIONT_ENV: "live" } })).toThrow(RangeError);
  });
});
