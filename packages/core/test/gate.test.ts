import {
  type Admitted,
  type Authorized,
  Gate,
  GateError,
  type GateOptions,
  type Identified,
  type Verified,
} from "@symbiont/core";
import {
  type Approval,
  type ApprovalRequest,
  type AuditRecord,
  type Decision,
  SymbiontError,
} from "@symbiont/kit";
import { describe, expect, test, vi } from "vitest";
import { call, MemorySink, openPorts } from "./fake-ports.ts";

const denied = (code: string) => expect.objectContaining({ denied: true, code }) as unknown;

/** A gate over open ports with some replaced, its sink, and how often a tool ran. */
function gateWith(ports: Partial<GateOptions> = {}) {
  const sink = new MemorySink();
  const gate = new Gate({ ...openPorts(sink), ...ports });
  const ran: unknown[] = [];
  return {
    gate,
    sink,
    ran,
    run: (input = call) => gate.run(input, (authorized) => ran.push(authorized.arguments)),
  };
}

describe("an allowed call", () => {
  test("runs with frozen arguments, between an intent and an outcome on record", async () => {
    const { gate, sink } = gateWith();
    const result = await gate.run(call, (authorized) => {
      expect(Object.isFrozen(authorized.arguments)).toBe(true);
      expect(sink.records.map(({ outcome }) => outcome)).toEqual(["attempt"]);
      return authorized.arguments["path"];
    });
    expect(result).toEqual({ denied: false, value: "/a" });
    expect(sink.records).toEqual([
      {
        type: "tool.call",
        outcome: "attempt",
        actor: { kind: "agent", id: "a-1" },
        action: "tool_call::read_file",
        resource: { kind: "tool", id: "files/read_file" },
        policy: { engine: "unnamed", set: "unhashed", rules: ["p#0"], code: "allow.rule" },
        data: { call: "c-1", digest: "sha256:0", args: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) } },
      },
      expect.objectContaining({
        outcome: "success",
        attempt: 0,
        data: { call: "c-1", ms: expect.any(Number) },
      }),
    ]);
  });

  test("records the redacted arguments when there is a redactor", async () => {
    const { sink, run } = gateWith({ redactor: { redact: () => ({ path: "[REDACTED]" }) } });
    await run();
    expect(sink.records[0]?.data?.["args"]).toEqual({ path: "[REDACTED]" });
  });

  test("passes on what the tool throws, once the failure is on record", async () => {
    const { gate, sink } = gateWith();
    const broken = new TypeError("tool broke: secret detail");
    await expect(
      gate.run(call, () => {
        throw broken;
      }),
    ).rejects.toBe(broken);
    expect(sink.records[1]).toMatchObject({
      outcome: "failure",
      error: { name: "TypeError", code: "TOOL_FAILED" },
    });
    expect(JSON.stringify(sink.records)).not.toContain("secret detail");
  });
});

describe("identity", () => {
  const verifier = {
    verify: async (credential: string) => ({ kind: "agent", id: `agent-of-${credential}` }) as const,
  };

  test("comes from the credential, and changes to it later change nothing", async () => {
    const principal = { kind: "agent" as const, id: "a-7", roles: ["reader"] };
    const { sink, run } = gateWith({
      identity: { verifier: { verify: async () => principal }, audience: "us" },
    });
    principal.roles.push("admin");
    await run({ ...call, credential: "token" } as typeof call);
    expect(sink.records[0]?.actor.id).toBe("a-7");
  });

  test("is required when the gate verifies it", async () => {
    const { ran, sink, run } = gateWith({ identity: { verifier, audience: "us" } });
    expect(await run()).toEqual(denied("GATE_IDENTITY_REFUSED"));
    expect(ran).toEqual([]);
    expect(sink.records).toMatchObject([{ outcome: "denied", actor: { id: "unidentified" } }]);
  });

  test("is refused when the verifier rejects, without its message", async () => {
    const rejecting = { verify: async () => Promise.reject(new Error("key 4711 revoked")) };
    const { run } = gateWith({ identity: { verifier: rejecting, audience: "us" } });
    const result = await run({ ...call, credential: "token" } as typeof call);
    expect(result).toEqual(denied("GATE_IDENTITY_REFUSED"));
    expect(JSON.stringify(result)).not.toContain("4711");
  });
});

describe("limits", () => {
  test("deny with the time to wait", async () => {
    const { run } = gateWith({
      rate: { take: () => ({ allowed: false, remaining: 0, retryAfterMs: 599.2 }) },
    });
    expect(await run()).toMatchObject({ code: "GATE_RATE_LIMITED", retryable: true, retryAfterMs: 600 });
  });

  test("deny without a time when waiting never helps", async () => {
    const { run } = gateWith({
      rate: { take: () => ({ allowed: false, remaining: 0, retryAfterMs: Infinity }) },
    });
    expect(await run()).not.toHaveProperty("retryAfterMs");
  });
});

describe("tools and arguments", () => {
  test("an unknown tool is denied", async () => {
    const { run } = gateWith();
    expect(await run({ ...call, tool: "constructor" })).toEqual(denied("GATE_TOOL_NOT_VERIFIED"));
  });

  test("arguments are denied with the checker's own code", async () => {
    const check = () => ({ valid: false, code: "args.duplicate_key", reason: "a key occurs twice" }) as const;
    const { ran, run } = gateWith({ arguments: { check } });
    expect(await run()).toEqual(denied("args.duplicate_key"));
    expect(ran).toEqual([]);
  });
});

describe("policy", () => {
  const deny: Decision = {
    effect: "deny",
    code: "deny.rule",
    reason: "not here",
    rules: ["p#1"],
    policySet: "sha256:1",
  };

  test("denies with its code and reason, and the rules go on record but not to the model", async () => {
    const { sink, run } = gateWith({ policy: { decide: () => deny } });
    const result = await run();
    expect(result).toEqual({ denied: true, code: "deny.rule", reason: "not here", retryable: false });
    expect(sink.records).toMatchObject([
      { outcome: "denied", error: { code: "deny.rule" }, policy: { rules: ["p#1"], set: "sha256:1" } },
    ]);
  });

  test("an unknown effect denies", async () => {
    const { run } = gateWith({ policy: { decide: () => ({ ...deny, effect: "permit" as never }) } });
    expect(await run()).toEqual(denied("deny.rule"));
  });

  test("sees the parsed arguments, the server and the host's facts", async () => {
    let context: unknown;
    const decide = (request: { context: unknown }): Decision => {
      context = request.context;
      return deny;
    };
    const { run } = gateWith({ policy: { decide } });
    await run({
      ...call,
      context: { tier: "test", args: "overridden", server: "overridden" },
    } as typeof call);
    expect(context).toEqual({ tier: "test", args: { path: "/a" }, server: "files" });
  });
});

describe("approval", () => {
  const ask: Decision = {
    effect: "ask",
    code: "require.approval:lead",
    reason: "ask",
    rules: ["p#2"],
    role: "lead",
  };
  const allow: Decision = { effect: "allow", code: "allow.rule", reason: "ok", rules: ["p#0"] };
  const policy = {
    decide: ({ approvals = [] }: { approvals?: readonly string[] }) =>
      approvals.includes("lead") ? allow : ask,
  };
  const approve = ({ actionHash, role }: ApprovalRequest): Approval => ({
    approved: true,
    actionHash,
    role,
    approver: "eve",
    expiresAt: Date.now() + 60_000,
  });

  test("lets exactly the approved call run", async () => {
    const { ran, run } = gateWith({ policy, approver: { ask: async (request) => approve(request) } });
    expect(await run()).toMatchObject({ denied: false });
    expect(ran).toHaveLength(1);
  });

  test("is bound to principal, call, tool and arguments", async () => {
    const hashes = new Set<string>();
    const approver = {
      ask: async (request: ApprovalRequest) => {
        hashes.add(request.actionHash);
        return approve(request);
      },
    };
    const { run } = gateWith({ policy, approver });
    await run();
    await run({ ...call, arguments: '{"path":"/b"}' });
    await run({ ...call, id: "c-2" });
    await run({ ...call, server: "other" });
    expect(hashes.size).toBe(4);
  });

  test.each<[string, string, (answer: Approval) => Approval]>([
    ["refused", "GATE_APPROVAL_REFUSED", (answer) => ({ ...answer, approved: false })],
    ["for another action", "GATE_APPROVAL_INVALID", (answer) => ({ ...answer, actionHash: "sha256:other" })],
    ["by another role", "GATE_APPROVAL_INVALID", (answer) => ({ ...answer, role: "intern" })],
    ["expired", "GATE_APPROVAL_INVALID", (answer) => ({ ...answer, expiresAt: Date.now() - 1 })],
    ["without an expiry", "GATE_APPROVAL_INVALID", (answer) => ({ ...answer, expiresAt: Number.NaN })],
  ])("that is %s denies", async (_, code, change) => {
    const { ran, run } = gateWith({ policy, approver: { ask: async (request) => change(approve(request)) } });
    expect(await run()).toEqual(denied(code));
    expect(ran).toEqual([]);
  });

  test("cannot be used twice", async () => {
    let kept: Approval | undefined;
    const { run } = gateWith({ policy, approver: { ask: async (request) => (kept ??= approve(request)) } });
    expect(await run()).toMatchObject({ denied: false });
    expect(await run()).toEqual(denied("GATE_APPROVAL_INVALID"));
  });

  test("cannot override a denial", async () => {
    const deny: Decision = { ...allow, effect: "deny", code: "deny.rule" };
    const changing = {
      decide: ({ approvals = [] }: { approvals?: readonly string[] }) => (approvals.length > 0 ? deny : ask),
    };
    const { ran, run } = gateWith({
      policy: changing,
      approver: { ask: async (request) => approve(request) },
    });
    expect(await run()).toEqual(denied("deny.rule"));
    expect(ran).toEqual([]);
  });

  test("that nobody gives in time denies, and the approver is told to stop", async () => {
    let stopped = false;
    const approver = {
      ask: async (_: ApprovalRequest, signal: AbortSignal) =>
        new Promise<Approval>(() => {
          signal.addEventListener("abort", () => {
            stopped = true;
          });
        }),
    };
    const { run } = gateWith({ policy, approver, approvalTimeoutMs: 20 });
    expect(await run()).toEqual(denied("GATE_APPROVAL_TIMED_OUT"));
    expect(stopped).toBe(true);
  });

  test.each([
    ["APPROVAL_QUEUE_FULL", true],
    ["APPROVAL_ROLE_UNKNOWN", false],
  ])("that the approver refuses keeps its code %s", async (code, retryable) => {
    class DeskError extends SymbiontError {}
    const approver = {
      ask: async () => Promise.reject(new DeskError(code, "inner words", { retryable })),
    };
    const { run, sink } = gateWith({ policy, approver });
    expect(await run()).toEqual({ denied: true, code, reason: "the call was not approved", retryable });
    expect(sink.records).toMatchObject([{ outcome: "denied", error: { code } }]);
  });

  test("that fails for another reason says that nobody could be asked", async () => {
    class StoreError extends SymbiontError {}
    const failures = [new Error("APPROVAL_QUEUE_FULL"), new StoreError("FILE_IO", "disk")];
    for (const failure of failures) {
      const { run } = gateWith({ policy, approver: { ask: async () => Promise.reject(failure) } });
      expect(await run()).toEqual(denied("GATE_APPROVAL_UNAVAILABLE"));
    }
  });

  test("that nobody can give denies", async () => {
    const { run } = gateWith({ policy });
    expect(await run()).toEqual(denied("GATE_APPROVAL_UNAVAILABLE"));
  });
});

describe("audit", () => {
  test("a call that cannot be recorded does not run", async () => {
    const { sink, ran, run } = gateWith();
    sink.failing = true;
    expect(await run()).toEqual(denied("GATE_AUDIT_UNAVAILABLE"));
    expect(ran).toEqual([]);
  });

  test("an outcome that cannot be recorded withholds the result and says that the tool ran", async () => {
    const { gate, sink } = gateWith();
    const failing = gate.run(call, () => {
      sink.failing = true;
      return "result";
    });
    await expect(failing).rejects.toMatchObject({ code: "GATE_OUTCOME_NOT_RECORDED", effectCompleted: true });
  });

  test("a tool that throws and cannot be recorded gives both errors, its own first", async () => {
    const { gate, sink } = gateWith();
    const broken = new Error("tool broke");
    const failing = gate.run(call, () => {
      sink.failing = true;
      throw broken;
    });
    const error = (await failing.catch((caught: unknown) => caught)) as AggregateError;
    expect(error.errors[0]).toBe(broken);
    expect(GateError.is(error.errors[1])).toBe(true);
  });

  test("a denial stands even when it cannot be recorded", async () => {
    const { sink, run } = gateWith();
    sink.failing = true;
    expect(await run({ ...call, tool: "other" })).toEqual(denied("GATE_TOOL_NOT_VERIFIED"));
  });
});

describe("a stage that misbehaves denies and is recorded", () => {
  const hang = async (): Promise<never> => new Promise(() => undefined);
  const fail = (): never => {
    throw new Error("broken");
  };
  const approving = { kind: "agent", id: "a" } as const;

  test.each<[string, Partial<GateOptions>]>([
    ["rate limit", { rate: { take: fail } }],
    ["tool verifier", { tools: { admit: fail, check: fail } }],
    ["argument checker", { arguments: { check: fail } }],
    ["policy", { policy: { decide: fail } }],
    ["redactor", { redactor: { redact: fail } }],
  ])("%s throws", async (_, ports) => {
    const { sink, ran, run } = gateWith(ports);
    expect(await run()).toEqual(denied("GATE_STAGE_FAILED"));
    expect(ran).toEqual([]);
    expect(sink.records).toMatchObject([{ outcome: "denied", error: { code: "GATE_STAGE_FAILED" } }]);
  });

  test.each<[string, Partial<GateOptions>]>([
    ["identity", { identity: { verifier: { verify: hang }, audience: "us" } }],
    ["rate limit", { rate: { take: hang } }],
    ["tool verifier", { tools: { admit: hang, check: hang } }],
    ["policy", { policy: { decide: hang } }],
  ])("%s hangs", async (_, ports) => {
    const { sink, ran, run } = gateWith({ ...ports, stageTimeoutMs: 20 });
    expect(await run({ ...call, credential: "token" } as typeof call)).toEqual(
      denied("GATE_STAGE_TIMED_OUT"),
    );
    expect(ran).toEqual([]);
    expect(sink.records).toMatchObject([{ outcome: "denied", error: { code: "GATE_STAGE_TIMED_OUT" } }]);
  });

  test("an audit sink that hangs stops the call, not the program", async () => {
    const { ran, run } = gateWith({ audit: { append: hang }, identity: approving, stageTimeoutMs: 20 });
    expect(await run()).toEqual(denied("GATE_AUDIT_UNAVAILABLE"));
    expect(ran).toEqual([]);
  });

  test("an intent that is written after the call was refused for it is answered on record", async () => {
    const sink = new MemorySink();
    let write = (): void => undefined;
    const slow = new Promise<void>((resolve) => (write = resolve));
    const audit = {
      append: async (record: AuditRecord) => {
        if (record.outcome === "attempt") await slow;
        return sink.append(record);
      },
    };
    const { ran, run } = gateWith({ audit, stageTimeoutMs: 20 });
    expect(await run()).toEqual(denied("GATE_AUDIT_UNAVAILABLE"));
    write();
    await vi.waitFor(() => expect(sink.records).toHaveLength(2));
    expect(sink.records).toMatchObject([
      { outcome: "attempt" },
      { outcome: "denied", attempt: 0, error: { code: "GATE_AUDIT_UNAVAILABLE" } },
    ]);
    expect(ran).toEqual([]);
  });

  test("a cancelled call stops at whatever stage it is", async () => {
    const cancel = new AbortController();
    const { ran, gate } = gateWith({ policy: { decide: hang } });
    const result = gate.run({ ...call, signal: cancel.signal }, () => ran.push(1));
    cancel.abort();
    expect(await result).toEqual(denied("GATE_CANCELLED"));
    expect(ran).toEqual([]);
  });
});

describe("a gate that closes", () => {
  test("waits for what runs, and lets nothing else in", async () => {
    const { gate, sink, run, ran } = gateWith();
    let finish = (): void => undefined;
    const running = gate.run(call, async () => new Promise<void>((resolve) => (finish = resolve)));
    await vi.waitUntil(() => sink.records.length > 0);
    let closed = false;
    const closing = gate.close().then(() => (closed = true));
    expect(await run()).toEqual(denied("GATE_CLOSED"));
    expect([ran, closed]).toEqual([[], false]);
    finish();
    expect(await running).toEqual({ denied: false, value: undefined });
    await closing;
    expect(sink.records.map(({ outcome }) => outcome)).toEqual(["attempt", "denied", "success"]);
  });

  test("does not execute a call that was authorized before and not begun", async () => {
    const { gate, ran } = gateWith();
    const identified = (await gate.identify(gate.propose(call))) as Identified;
    const verified = (await gate.verify((await gate.admit(identified)) as Admitted)) as Verified;
    const authorized = (await gate.authorize(verified)) as Authorized;
    await gate.close();
    const late = gate.execute(authorized, () => ran.push(1));
    await expect(late).rejects.toMatchObject({ code: "GATE_CLOSED", effectCompleted: false });
    expect(ran).toEqual([]);
  });
});

describe("verifyTools", () => {
  test("shows only what the verifier admits, and records the rest", async () => {
    const { tools } = openPorts();
    const finding = { tool: "other", action: "block", code: "signature_invalid", reason: "changed" } as const;
    const admit: typeof tools.admit = async (offered, server) => ({
      ...(await tools.admit(offered, server)),
      findings: [finding],
    });
    const { gate, sink } = gateWith({ tools: { ...tools, admit } });
    expect((await gate.verifyTools([], "files")).map(({ definition }) => definition.name)).toEqual([
      "read_file",
    ]);
    expect(sink.records).toMatchObject([
      { type: "tool.verify", outcome: "denied", error: { code: "signature_invalid" } },
    ]);
  });

  test("shows nothing when the verifier fails", async () => {
    const { tools } = openPorts();
    const { gate, sink } = gateWith({
      tools: { ...tools, admit: async () => Promise.reject(new Error("broken")) },
    });
    expect(await gate.verifyTools([], "files")).toEqual([]);
    expect(sink.records).toMatchObject([{ type: "tool.verify", outcome: "denied" }]);
  });
});

test.each([0, -1, Number.NaN, 2 ** 31])("refuses the timeout %s", (stageTimeoutMs) => {
  expect(() => new Gate({ ...openPorts(), stageTimeoutMs })).toThrow(RangeError);
});
