import { tool } from "@openai/agents";
import { guardTools, HostApprover } from "@symbiont/adapters/ai-sdk/v7";
import { guardTools as guardOpenAiTools } from "@symbiont/adapters/openai-agents/v0";
import type { GateOptions } from "@symbiont/core";
import type { AdmittedTool, ToolVerifier } from "@symbiont/kit";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { openGate } from "../open-gate.ts";

/** Admits whatever it is shown, by server. */
function everyTool(): ToolVerifier {
  const admitted = new Map<string, AdmittedTool>();
  return {
    admit: async (tools, server) => {
      const seen = tools.map((definition) => ({ server, definition, digest: `sha256:${definition.name}` }));
      for (const tool of seen) admitted.set(`${server}/${tool.definition.name}`, tool);
      return { tools: seen, findings: [] };
    },
    check: async (tool, server) => admitted.get(`${server}/${tool}`),
  };
}

/** Asks a person about every call; about `slow` ones only when told to go on. */
function asksPerson(goOn: Promise<void> = Promise.resolve()): Partial<GateOptions> {
  return {
    tools: everyTool(),
    policy: {
      decide: async ({ action, approvals }) => {
        if (action === "slow") await goOn;
        return approvals?.includes("operator") === true
          ? { effect: "allow", code: "allow.approved", reason: "approved", rules: ["p#0"] }
          : { effect: "ask", code: "ask.rule", reason: "a person", rules: ["p#0"], role: "operator" };
      },
    },
  };
}

interface HostTool {
  readonly execute: (input: unknown, options: object) => Promise<unknown>;
  readonly needsApproval: (input: unknown, options: object) => Promise<boolean>;
}

function ownTool(name: string, ran: string[]) {
  return {
    description: name,
    inputSchema: z.object({ path: z.string() }),
    execute: async ({ path }: { path: string }) => void ran.push(`${name} ${path}`),
  };
}

const call = { toolCallId: "call_0", messages: [] };

async function twoToolboxes(ports: Partial<GateOptions>, first = "read") {
  const approvals = new HostApprover();
  const { gate } = openGate({ ...ports, approver: approvals, approvalTimeoutMs: 200 });
  const ran: string[] = [];
  const options = { gate, approvals, session: "s-1" };
  const files = await guardTools({ [first]: ownTool(first, ran) }, { ...options, toolbox: "files" });
  const pay = await guardTools({ pay: ownTool("pay", ran) }, { ...options, toolbox: "pay" });
  return { ran, shown: files[first] as unknown as HostTool, hidden: pay["pay"] as unknown as HostTool };
}

describe("two calls under one id, as some model servers number them", () => {
  test("the answer for the call that a person saw is not the answer for the other", async () => {
    const { ran, shown, hidden } = await twoToolboxes(asksPerson());
    expect(await shown.needsApproval({ path: "/a" }, call)).toBe(true);
    // The person is about to answer when the other call comes.
    await hidden.needsApproval({ path: "/all-the-money" }, call);
    const other = hidden.execute({ path: "/all-the-money" }, call);
    await shown.execute({ path: "/a" }, call);
    expect(await other).toMatchObject({ denied: true, code: "GATE_APPROVAL_UNAVAILABLE" });
    expect(ran).toEqual(["read /a"]);
  });

  test("a call that overtakes the other inside the gate does not take over its question", async () => {
    let goOn!: () => void;
    const { ran, shown, hidden } = await twoToolboxes(
      asksPerson(
        new Promise((resolve) => {
          goOn = resolve;
        }),
      ),
      "slow",
    );
    const asked = shown.needsApproval({ path: "/a" }, call);
    const other = hidden.execute({ path: "/all-the-money" }, call);
    await new Promise((resolve) => setTimeout(resolve, 20));
    goOn();
    expect(await asked).toBe(true);
    await shown.execute({ path: "/a" }, call);
    expect(await other).toMatchObject({ denied: true, code: "GATE_APPROVAL_UNAVAILABLE" });
    expect(ran).toEqual(["slow /a"]);
  });
});

describe("a tool whose author wants a person asked", () => {
  test.each([
    ["always", true],
    ["by the arguments", async ({ path }: { path: string }) => path === "/a"],
  ])("is asked about in the AI SDK, %s, where policy would not", async (_, needsApproval) => {
    const approvals = new HostApprover();
    const { gate } = openGate({ approver: approvals });
    const ran: string[] = [];
    const own = { ...ownTool("read", ran), needsApproval };
    const { read } = await guardTools({ read: own }, { gate, toolbox: "own", session: "s-1", approvals });
    const guarded = read as unknown as HostTool;
    expect(await guarded.needsApproval({ path: "/a" }, call)).toBe(true);
    await guarded.execute({ path: "/a" }, call);
    expect(ran).toEqual(["read /a"]);
    const other = { ...call, toolCallId: "call_1" };
    expect(await guarded.needsApproval({ path: "/b" }, other)).toBe(needsApproval === true);
  });

  test("is asked about in the OpenAI Agents SDK", async () => {
    const approvals = new HostApprover();
    const { gate } = openGate({ approver: approvals });
    const own = tool({
      name: "read",
      description: "read",
      parameters: z.object({ path: z.string() }),
      needsApproval: async (_, { path }) => path === "/a",
      execute: () => "content",
    });
    const [read] = await guardOpenAiTools([own], { gate, toolbox: "own", session: "s-1", approvals });
    const context = { isToolApproved: () => undefined } as never;
    expect(await read?.needsApproval(context, { path: "/a" }, "c-1")).toBe(true);
    expect(await read?.needsApproval(context, { path: "/b" }, "c-2")).toBe(false);
  });
});
