import { type AskPerson, anyArguments, guardAgent, HostApprover } from "@symbiont/adapters/claude-agent/v0";
import type { GateOptions } from "@symbiont/core";
import { describe, expect, test } from "vitest";
import { openGate } from "../open-gate.ts";

// The host's program is played here, event by event; query.slow.test.ts runs the real one.

const asksPerson: Partial<GateOptions> = {
  policy: {
    decide: ({ approvals }) =>
      approvals?.includes("operator") === true
        ? { effect: "allow", code: "allow.approved", reason: "approved", rules: ["p#0"] }
        : { effect: "ask", code: "ask.rule", reason: "a person decides", rules: ["p#0"], role: "operator" },
  },
};

async function host(ports: Partial<GateOptions> = {}, ask?: AskPerson) {
  const approvals = ask === undefined ? undefined : new HostApprover();
  const { gate, records } = openGate({
    ...ports,
    ...(approvals === undefined ? {} : { approver: approvals }),
  });
  const guarded = await guardAgent({
    gate,
    toolbox: "claude",
    tools: anyArguments(["Bash"]),
    ...(approvals === undefined || ask === undefined ? {} : { approvals, askPerson: ask }),
  });
  const signal = new AbortController().signal;
  const fire = async (
    name: keyof typeof guarded.hooks,
    input: unknown = { command: "ls" },
    more: object = {},
  ) => {
    const event = { session_id: "s-1", tool_name: "Bash", tool_input: input, tool_use_id: "t-1", ...more };
    return guarded.hooks[name][0]?.hooks[0]?.(event);
  };
  const permission = async (input: Record<string, unknown> = { command: "ls" }) =>
    guarded.canUseTool?.("Bash", input, { toolUseID: "t-1", signal });
  return { fire, permission, outcomes: () => records.map(({ outcome }) => outcome) };
}

const denied = { hookSpecificOutput: { permissionDecision: "deny" } };
const asked = { hookSpecificOutput: { permissionDecision: "ask" } };
const withheld = { decision: "block" };

describe("the events of a Claude agent", () => {
  test("a call is on record before it runs, its outcome after", async () => {
    const { fire, outcomes } = await host();
    expect(await fire("PreToolUse")).toEqual({});
    expect(outcomes()).toEqual(["attempt"]);
    expect(await fire("PostToolUse")).toEqual({});
    expect(outcomes()).toEqual(["attempt", "success"]);
  });

  test("a failure is on record as one", async () => {
    const { fire, outcomes } = await host();
    await fire("PreToolUse");
    await fire("PostToolUseFailure", { command: "ls" }, { error: "exit 1" });
    expect(outcomes()).toEqual(["attempt", "failure"]);
  });

  test.each(["Stop", "SessionEnd", "PermissionDenied"] as const)(
    "what was let through and never ran ends with %s",
    async (name) => {
      const { fire, outcomes } = await host();
      await fire("PreToolUse");
      await fire(name);
      expect(outcomes()).toEqual(["attempt", "failure"]);
    },
  );

  test("a result for other arguments than those that were judged is withheld", async () => {
    const { fire, outcomes } = await host();
    await fire("PreToolUse");
    expect(await fire("PostToolUse", { command: "rm -rf /" })).toMatchObject(withheld);
    expect(outcomes()).toEqual(["attempt", "failure"]);
  });

  test("a result of a call that was never judged is withheld", async () => {
    const { fire } = await host();
    expect(await fire("PostToolUse")).toMatchObject(withheld);
  });

  test("a result whose outcome cannot be recorded is withheld", async () => {
    let appended = 0;
    const { fire } = await host({
      audit: {
        append: async () => {
          appended += 1;
          if (appended > 1) throw new Error("disk full");
          return { sequence: 0 };
        },
      },
    });
    await fire("PreToolUse");
    expect(await fire("PostToolUse")).toMatchObject({
      reason: expect.stringContaining("GATE_OUTCOME_NOT_RECORDED"),
    });
  });

  test("two calls with one id are one too many", async () => {
    const { fire } = await host();
    expect(await fire("PreToolUse")).toEqual({});
    expect(await fire("PreToolUse", { command: "rm -rf /" })).toMatchObject(denied);
  });

  test("an event of another shape is an error, which the host takes for a refusal", async () => {
    const { fire } = await host();
    await expect(fire("PreToolUse", {}, { tool_use_id: undefined })).rejects.toMatchObject({
      code: "ADAPTER_HOST_UNKNOWN",
    });
  });

  test("a person's yes counts for the arguments that were judged", async () => {
    const { fire, permission, outcomes } = await host(asksPerson, async () => ({ behavior: "allow" }));
    expect(await fire("PreToolUse")).toMatchObject(asked);
    expect(outcomes()).toEqual([]);
    expect(await permission()).toEqual({ behavior: "allow" });
    expect(outcomes()).toEqual(["attempt"]);
    await fire("PostToolUse");
    expect(outcomes()).toEqual(["attempt", "success"]);
  });

  test("a person who changes the arguments has approved nothing", async () => {
    const { fire, permission } = await host(asksPerson, async () => ({
      behavior: "allow",
      updatedInput: { command: "rm -rf /" },
    }));
    await fire("PreToolUse");
    expect(await permission()).toMatchObject({ behavior: "deny" });
  });

  test("a host that asks about other arguments than those that were judged gets a refusal", async () => {
    const { fire, permission } = await host(asksPerson, async () => ({ behavior: "allow" }));
    await fire("PreToolUse");
    expect(await permission({ command: "rm -rf /" })).toMatchObject({ behavior: "deny" });
  });

  test("a host that runs a call without asking the person gets no result", async () => {
    const { fire, outcomes } = await host(asksPerson, async () => ({ behavior: "allow" }));
    await fire("PreToolUse");
    expect(await fire("PostToolUse")).toMatchObject(withheld);
    expect(outcomes()).not.toContain("success");
  });

  test("approvals without somebody to ask are a mistake", async () => {
    const { gate } = openGate();
    await expect(
      guardAgent({ gate, toolbox: "claude", tools: [], approvals: new HostApprover() }),
    ).rejects.toThrow(TypeError);
  });
});
