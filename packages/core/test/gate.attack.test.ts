import { Gate, GateError, type GateOptions, type ToolCallRequest } from "@symbiont/core";
import type { AuditRecord, Decision, IdentityVerifier, JsonObject, Principal } from "@symbiont/kit";
import { describe, expect, test } from "vitest";
import { call, MemorySink, openPorts } from "./fake-ports.ts";

// Ports and tools that answer nonsense, late, or with names made to keep them off the record.

function gateWith(ports: Partial<GateOptions> = {}) {
  const sink = new MemorySink();
  const ran: JsonObject[] = [];
  const gate = new Gate({ ...openPorts(sink), ...ports });
  return {
    gate,
    sink,
    ran,
    run: (input: ToolCallRequest = call) => gate.run(input, (judged) => ran.push(judged.arguments)),
  };
}

const nothing = async (): Promise<never> => undefined as never;

describe("a sink that gives no receipt", () => {
  test("for the intent: the tool does not run, and nothing is thrown", async () => {
    const { ran, run } = gateWith({ audit: { append: nothing } });
    expect(await run()).toMatchObject({ denied: true, code: "GATE_AUDIT_UNAVAILABLE" });
    expect(ran).toEqual([]);
  });

  test("for the outcome: the result is withheld", async () => {
    const append = async (record: AuditRecord) =>
      record.outcome === "attempt" ? { sequence: 0 } : nothing();
    const { run } = gateWith({ audit: { append } });
    await expect(run()).rejects.toThrow(
      expect.objectContaining({ code: "GATE_OUTCOME_NOT_RECORDED", effectCompleted: true }) as Error,
    );
  });
});

describe("a port that answers nonsense", () => {
  const identity = (principal: unknown): Partial<GateOptions> => ({
    identity: { verifier: { verify: async () => principal as never }, audience: "here" },
  });
  const checked = (answer: unknown): Partial<GateOptions> => ({
    arguments: { check: () => answer as never },
  });
  const decided = (answer: unknown): Partial<GateOptions> => ({ policy: { decide: () => answer as never } });
  const found = (definition: object, server = "files"): Partial<GateOptions> => ({
    tools: {
      admit: async () => ({ tools: [], findings: [] }),
      check: async () => ({ server, digest: "sha256:0", definition }) as never,
    },
  });
  const allow = { effect: "allow", code: "allow.rule", reason: "fine", rules: ["p#0"] };

  test.each<[string, Partial<GateOptions>, string]>([
    ["a principal without an id", identity({}), "GATE_IDENTITY_REFUSED"],
    ["no principal at all", identity(undefined), "GATE_IDENTITY_REFUSED"],
    ["a principal of no kind", identity({ kind: "admin", id: "a" }), "GATE_IDENTITY_REFUSED"],
    ["a principal whose id is a list", identity({ kind: "agent", id: ["a"] }), "GATE_IDENTITY_REFUSED"],
    ["a principal whose id is empty", identity({ kind: "agent", id: "" }), "GATE_IDENTITY_REFUSED"],
    ["an effect and nothing else", decided({ effect: "allow" }), "GATE_STAGE_FAILED"],
    ["a denial without a code", decided({ effect: "deny" }), "GATE_STAGE_FAILED"],
    ["rules that are no texts", decided({ ...allow, rules: [1] }), "GATE_STAGE_FAILED"],
    ["neither yes nor no to arguments", checked({}), "GATE_STAGE_FAILED"],
    ["arguments that are a list", checked({ valid: true, arguments: [1] }), "GATE_STAGE_FAILED"],
    ["another tool than was asked for", found({ name: "other", inputSchema: {} }), "GATE_TOOL_NOT_VERIFIED"],
    [
      "a tool of another server",
      found({ name: "read_file", inputSchema: {} }, "mail"),
      "GATE_TOOL_NOT_VERIFIED",
    ],
  ])("%s: the call is denied with a code, and on record", async (_, ports, code) => {
    const { ran, run, sink } = gateWith(ports);
    expect(await run({ ...call, credential: "c" })).toMatchObject({ denied: true, code });
    expect(sink.records).toMatchObject([{ outcome: "denied", error: { code } }]);
    expect(ran).toEqual([]);
  });

  test("a fixed principal that is none is refused when the gate is made", () => {
    expect(() => gateWith({ identity: { kind: "agent" } as never })).toThrow(TypeError);
  });
});

describe("facts that cannot be read", () => {
  const cyclic: Record<string, unknown> = {};
  cyclic["self"] = cyclic;
  const fails = (): never => {
    throw new Error("hunter2");
  };
  test.each([
    ["a cycle", cyclic],
    ["a getter that throws", Object.defineProperty({}, "level", { get: fails, enumerable: true })],
    ["a callback that throws", fails],
    ["a callback that gives a cycle", () => cyclic],
  ])("%s: the call is denied, and on record", async (_, context) => {
    const { ran, run, sink } = gateWith();
    const result = await run({ ...call, context });
    expect(result).toMatchObject({ denied: true, code: "GATE_STAGE_FAILED" });
    expect(sink.records).toMatchObject([{ outcome: "denied", error: { code: "GATE_STAGE_FAILED" } }]);
    expect(JSON.stringify([result, sink.records])).not.toContain("hunter2");
    expect(ran).toEqual([]);
  });
});

describe("a call that is cancelled", () => {
  test("while its intent is being recorded does not run, and the attempt is closed", async () => {
    const stop = new AbortController();
    const records: AuditRecord[] = [];
    const append = async (record: AuditRecord) => {
      stop.abort();
      return { sequence: records.push(record) - 1 };
    };
    const { ran, run } = gateWith({ audit: { append } });
    const cancellable = { ...call, signal: stop.signal } as typeof call;
    expect(await run(cancellable)).toMatchObject({ denied: true, code: "GATE_CANCELLED" });
    expect(ran).toEqual([]);
    expect(records.at(-1)).toMatchObject({
      outcome: "denied",
      attempt: 0,
      error: { code: "GATE_CANCELLED" },
    });
  });

  test("between authorize and execute does not run either", async () => {
    const stop = new AbortController();
    const { gate, ran, sink } = gateWith();
    const stages = async () => {
      const identified = await gate.identify(gate.propose({ ...call, signal: stop.signal }));
      const admitted = await gate.admit(identified as never);
      return gate.authorize((await gate.verify(admitted as never)) as never);
    };
    const authorized = await stages();
    stop.abort();
    const settled = await gate.execute(authorized as never, (judged) => ran.push(judged.arguments));
    expect(settled).toMatchObject({ status: "threw", error: { name: "AbortError" } });
    expect(ran).toEqual([]);
    expect(sink.records.at(-1)).toMatchObject({ outcome: "failure", attempt: 0 });
  });
});

describe("names that are made to keep a record from being written", () => {
  test.each([
    ["long", "x".repeat(100_000)],
    ["not text", "\ud800"],
    ["both", "\udfff".repeat(5_000)],
  ])("of a tool, %s", async (_, tool) => {
    const { sink, run } = gateWith();
    expect(await run({ ...call, tool, id: tool })).toMatchObject({ code: "GATE_TOOL_NOT_VERIFIED" });
    const text = JSON.stringify(sink.records);
    expect(sink.records).toHaveLength(1);
    expect(text.length).toBeLessThan(20_000);
    expect(text).not.toMatch(/\\ud[89a-f]/);
  });

  test.each([
    ["long", () => Object.assign(new Error("x"), { name: "sk-".repeat(50_000) })],
    ["no text", () => Object.assign(new Error("x"), { name: { secret: 1 } })],
    [
      "a getter that throws",
      () =>
        Object.defineProperty(new Error("x"), "name", {
          get: () => {
            throw new Error("gotcha");
          },
        }),
    ],
    ["a sentence", () => Object.assign(new Error("x"), { name: "password is hunter2" })],
    [
      "a code of ours with anything in it",
      () => Object.assign(new GateError("GATE_STAGE_FORGED", "x"), { code: "a b" }),
    ],
  ])("of an error, %s", async (_, make) => {
    const { gate, sink } = gateWith();
    const error = make();
    const thrown = gate.run(call, () => {
      throw error;
    });
    expect(await thrown.catch((caught: unknown) => caught)).toBe(error);
    expect(sink.records.at(-1)).toMatchObject({
      outcome: "failure",
      error: { name: "Error", code: "TOOL_FAILED" },
    });
  });
});

describe("what takes its time", () => {
  const ask: Decision = { effect: "ask", code: "ask", reason: "ask", rules: [], role: "lead" };

  test("a policy that hangs is denied after one stage, and nobody is asked", async () => {
    const asked: unknown[] = [];
    const { run } = gateWith({
      policy: { decide: async () => new Promise((resolve) => setTimeout(() => resolve(ask), 60)) },
      approver: {
        ask: async (request) => {
          asked.push(request);
          return nothing();
        },
      },
      stageTimeoutMs: 20,
    });
    expect(await run()).toMatchObject({ code: "GATE_STAGE_TIMED_OUT" });
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(asked).toEqual([]);
  });

  test.each([undefined, "sha256:1"])(
    "a tool that is now %s is not run with the approval of the old",
    async (digest) => {
      const ports = openPorts();
      let approved = false;
      const { ran, run } = gateWith({
        policy: {
          decide: ({ approvals = [] }) => ({ ...ask, effect: approvals.length > 0 ? "allow" : "ask" }),
        },
        tools: {
          ...ports.tools,
          check: async (tool, server) => {
            const old = await ports.tools.check(tool, server);
            if (!approved || old === undefined) return old;
            return digest === undefined ? undefined : { ...old, digest };
          },
        },
        approver: {
          ask: async ({ actionHash, role }) => {
            approved = true;
            return { approved, actionHash, role, approver: "eve", expiresAt: Date.now() + 60_000 };
          },
        },
      });
      expect(await run()).toMatchObject({ code: "GATE_TOOL_NOT_VERIFIED" });
      expect(ran).toEqual([]);
    },
  );

  const caller = { kind: "agent", id: "a-1" } as const;
  test.each<[string, string, NonNullable<IdentityVerifier["recheck"]>]>([
    ["has lost the right to act", "GATE_IDENTITY_REFUSED", async () => Promise.reject(new Error("revoked"))],
    ["may do something else", "GATE_IDENTITY_REFUSED", async () => ({ ...caller, roles: ["guest"] })],
    ["is somebody else", "GATE_IDENTITY_REFUSED", async () => ({ ...caller, id: "a-2" })],
    ["cannot be asked about", "GATE_STAGE_TIMED_OUT", async () => new Promise(() => undefined)],
  ])("a caller that %s when the person has decided is denied, and on record", async (_, code, recheck) => {
    const { ran, run, sink } = gateWith(waitingFor(recheck));
    expect(await run({ ...call, credential: "key" })).toMatchObject({ denied: true, code });
    expect(ran).toEqual([]);
    expect(sink.records.map(({ outcome, error }) => [outcome, error?.code])).toEqual([["denied", code]]);
  });

  test("a caller that may still act runs, asked about once and with its credential", async () => {
    const asked: unknown[] = [];
    const recheck = async (...question: readonly string[]): Promise<Principal> => {
      asked.push(question);
      return { ...caller };
    };
    const { ran, run } = gateWith(waitingFor(recheck));
    expect(await run({ ...call, credential: "key" })).toMatchObject({ denied: false });
    expect([ran.length, asked]).toEqual([1, [["key", "here"]]]);
  });

  function waitingFor(recheck: NonNullable<IdentityVerifier["recheck"]>): Partial<GateOptions> {
    return {
      identity: { verifier: { verify: async () => caller, recheck }, audience: "here" },
      policy: {
        decide: ({ approvals = [] }) => ({ ...ask, effect: approvals.length > 0 ? "allow" : "ask" }),
      },
      approver: {
        ask: async ({ actionHash, role }) => {
          const expiresAt = Date.now() + 60_000;
          return { approved: true, actionHash, role, approver: "eve", expiresAt };
        },
      },
      stageTimeoutMs: 100,
    };
  }

  test("a sink that hangs does not hold a tool list once for each finding", async () => {
    const findings = Array.from({ length: 40 }, (_, index) => ({
      tool: `t${index}`,
      action: "block" as const,
      code: "SCHEMAPIN_SIGNATURE_MISSING",
      reason: "unsigned",
    }));
    let open = 0;
    let most = 0;
    const { gate } = gateWith({
      tools: { ...openPorts().tools, admit: async () => ({ tools: [], findings }) },
      audit: {
        append: async () => {
          open += 1;
          most = Math.max(most, open);
          return new Promise(() => undefined);
        },
      },
      stageTimeoutMs: 20,
    });
    expect(await gate.verifyTools([], "files")).toEqual([]);
    expect(most).toBe(40);
  });
});

test("arguments that a checker hands back alive are judged and run as one frozen copy", async () => {
  let reads = 0;
  const alive = {
    get path() {
      reads += 1;
      return reads === 1 ? "/safe" : "/etc/shadow";
    },
  };
  const judged: unknown[] = [];
  const { ran, run } = gateWith({
    arguments: { check: (input) => ({ valid: true, arguments: input as JsonObject }) },
    policy: {
      decide: ({ context }) => {
        judged.push((context["args"] as JsonObject)["path"]);
        return { effect: "allow", code: "ok", reason: "ok", rules: [] };
      },
    },
  });
  await run({ ...call, arguments: alive as never });
  expect([judged, ran]).toEqual([["/safe"], [{ path: "/safe" }]]);
});
