import { Agent } from "@mastra/core/agent";
import { Mastra } from "@mastra/core/mastra";
import { InMemoryStore } from "@mastra/core/storage";
import { createTool } from "@mastra/core/tools";
import { guardTools, HostApprover } from "@symbiont/adapters/mastra/v1";
import type { GateOptions } from "@symbiont/core";
import { simulateReadableStream } from "ai";
import { MockLanguageModelV4 } from "ai/test";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { openGate } from "../open-gate.ts";

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
};

/** A model that calls one tool and then says `done`. */
function calling(tool: string, input: object) {
  const turns: object[][] = [
    [{ type: "tool-call", toolCallId: "c-1", toolName: tool, input: JSON.stringify(input) }],
    [
      { type: "text-start", id: "t" },
      { type: "text-delta", id: "t", delta: "done" },
      { type: "text-end", id: "t" },
    ],
  ];
  return new MockLanguageModelV4({
    doStream: async () => {
      const parts = turns.shift() ?? [];
      const reason = turns.length === 1 ? "tool-calls" : "stop";
      return {
        stream: simulateReadableStream({
          chunks: [
            { type: "stream-start", warnings: [] },
            ...parts,
            { type: "finish", usage, finishReason: { unified: reason, raw: reason } },
          ],
        }),
      } as never;
    },
  });
}

function ownTools() {
  const ran: string[] = [];
  const make = (id: string) =>
    createTool({
      id,
      description: id,
      inputSchema: z.object({ path: z.string(), depth: z.number().default(3) }),
      execute: async ({ path, depth }) => {
        ran.push(`${id} ${path} ${depth}`);
        return { content: `content of ${path}` };
      },
    });
  return { ran, tools: { read: make("read"), forbidden: make("forbidden") } };
}

const asksPerson: Partial<GateOptions> = {
  policy: {
    decide: ({ approvals }) =>
      approvals?.includes("operator") === true
        ? { effect: "allow", code: "allow.approved", reason: "approved", rules: ["p#0"] }
        : { effect: "ask", code: "ask.rule", reason: "a person decides", rules: ["p#0"], role: "operator" },
  },
};

function agentOf(model: MockLanguageModelV4, tools: Record<string, object>): Agent {
  const agent = new Agent({
    id: "a",
    name: "a",
    instructions: "go",
    model: model as never,
    tools: tools as never,
  });
  return new Mastra({ agents: { a: agent }, storage: new InMemoryStore(), logger: false }).getAgent(
    "a",
  ) as Agent;
}

describe("a Mastra agent", () => {
  test("an allowed tool runs, with the schema's defaults, and both records are made", async () => {
    const { gate, records } = openGate();
    const { tools, ran } = ownTools();
    const agent = agentOf(calling("read", { path: "/a" }), await guardTools(tools, { gate, toolbox: "own" }));
    const result = await (await agent.stream("go")).getFullOutput();
    expect(result.text).toBe("done");
    expect(ran).toEqual(["read /a 3"]);
    expect(records.map(({ outcome }) => outcome)).toEqual(["attempt", "success"]);
  });

  test("a forbidden tool does not run; the model reads why", async () => {
    const { gate } = openGate();
    const { tools, ran } = ownTools();
    const agent = agentOf(
      calling("forbidden", { path: "/a" }),
      await guardTools(tools, { gate, toolbox: "own" }),
    );
    const result = await (await agent.stream("go")).getFullOutput();
    expect(ran).toEqual([]);
    expect(result.toolResults).toMatchObject([{ payload: { result: { denied: true, code: "deny.rule" } } }]);
  });

  async function suspended(answer: (actionHash: string) => object) {
    const approvals = new HostApprover();
    const { gate, records } = openGate({ ...asksPerson, approver: approvals });
    const { tools, ran } = ownTools();
    const agent = agentOf(
      calling("read", { path: "/a" }),
      await guardTools(tools, { gate, toolbox: "own", approvals, session: "s-1" }),
    );
    const first = await agent.stream("go");
    const output = await first.getFullOutput();
    const { suspendPayload } = output as unknown as {
      suspendPayload: { suspendPayload: { approval: { action: string; actionHash: string } } };
    };
    const { approval } = suspendPayload.suspendPayload;
    expect(approval.action).toBe("read");
    expect(ran).toEqual([]);
    const second = await agent.resumeStream(answer(approval.actionHash), {
      runId: first.runId,
      toolCallId: "c-1",
    });
    await second.getFullOutput();
    return { ran, records };
  }

  test("a call that a person must approve suspends, and runs when it is resumed", async () => {
    const { ran, records } = await suspended((actionHash) => ({ approved: true, actionHash }));
    expect(ran).toEqual(["read /a 3"]);
    expect(records.map(({ outcome }) => outcome)).toEqual(["denied", "attempt", "success"]);
  });

  test.each([
    ["a refusal", (actionHash: string) => ({ approved: false, actionHash })],
    ["an approval of something else", () => ({ approved: true, actionHash: "sha256:00" })],
  ])("%s runs nothing", async (_what, answer) => {
    expect((await suspended(answer)).ran).toEqual([]);
  });
});
