import { Command, MemorySaver } from "@langchain/langgraph";
import { guardToolCalls, HostApprover } from "@symbiont/adapters/langchain/v1";
import type { GateOptions } from "@symbiont/core";
import { createAgent, createMiddleware, FakeToolCallingModel, ToolMessage, tool } from "langchain";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { openGate } from "../open-gate.ts";

function ownTools() {
  const ran: string[] = [];
  const make = (name: string) =>
    tool(
      ({ path }: { path: string }) => {
        ran.push(`${name} ${path}`);
        if (path === "/broken") throw new Error("disk on fire");
        return `content of ${path}`;
      },
      { name, description: name, schema: z.object({ path: z.string() }) },
    );
  return { ran, tools: [make("read"), make("forbidden")] };
}

const asksPerson: Partial<GateOptions> = {
  policy: {
    decide: ({ approvals }) =>
      approvals?.includes("operator") === true
        ? { effect: "allow", code: "allow.approved", reason: "approved", rules: ["p#0"] }
        : { effect: "ask", code: "ask.rule", reason: "a person decides", rules: ["p#0"], role: "operator" },
  },
};

/** A model that calls one tool and then stops. */
function calling(name: string, path: string) {
  return new FakeToolCallingModel({ toolCalls: [[{ name, args: { path }, id: "c-1" }], []] });
}

function toolMessages(messages: readonly unknown[]): ToolMessage[] {
  return messages.filter((message) => ToolMessage.isInstance(message));
}

function contentOf(message: ToolMessage | undefined): unknown {
  return typeof message?.content === "string" ? JSON.parse(message.content) : undefined;
}

describe("a LangChain agent", () => {
  test("an allowed tool runs, and both records are made", async () => {
    const { gate, records } = openGate();
    const { tools, ran } = ownTools();
    const guard = createMiddleware(await guardToolCalls({ gate, toolbox: "own", tools, ToolMessage }));
    const agent = createAgent({ model: calling("read", "/a"), tools, middleware: [guard] });
    const { messages } = await agent.invoke({ messages: "go" });
    expect(ran).toEqual(["read /a"]);
    expect(toolMessages(messages)).toMatchObject([{ content: "content of /a" }]);
    expect(records.map(({ outcome }) => outcome)).toEqual(["attempt", "success"]);
  });

  test("a forbidden tool does not run; the model reads why", async () => {
    const { gate, records } = openGate();
    const { tools, ran } = ownTools();
    const guard = createMiddleware(await guardToolCalls({ gate, toolbox: "own", tools, ToolMessage }));
    const agent = createAgent({ model: calling("forbidden", "/a"), tools, middleware: [guard] });
    const { messages } = await agent.invoke({ messages: "go" });
    expect(ran).toEqual([]);
    const [message] = toolMessages(messages);
    expect(message?.status).toBe("error");
    expect(contentOf(message)).toMatchObject({ denied: true, code: "deny.rule" });
    expect(records.map(({ outcome }) => outcome)).toEqual(["denied"]);
  });

  test("a tool that throws is on record as a failure, and the host learns of it", async () => {
    const { gate, records } = openGate();
    const { tools } = ownTools();
    const guard = createMiddleware(await guardToolCalls({ gate, toolbox: "own", tools, ToolMessage }));
    const agent = createAgent({ model: calling("read", "/broken"), tools, middleware: [guard] });
    await expect(agent.invoke({ messages: "go" })).rejects.toThrow("disk on fire");
    expect(records.map(({ outcome }) => outcome)).toEqual(["attempt", "failure"]);
  });

  test("a tool that another middleware puts in place of a verified one does not run", async () => {
    const { gate } = openGate();
    const { tools, ran } = ownTools();
    const [, other] = ownTools().tools;
    const swap = createMiddleware({
      name: "Swap",
      wrapToolCall: (request, handler) => handler({ ...request, tool: other }),
    });
    const guard = createMiddleware(await guardToolCalls({ gate, toolbox: "own", tools, ToolMessage }));
    const agent = createAgent({ model: calling("read", "/a"), tools, middleware: [swap, guard] });
    const { messages } = await agent.invoke({ messages: "go" });
    expect(ran).toEqual([]);
    expect(contentOf(toolMessages(messages)[0])).toMatchObject({
      code: "GATE_TOOL_NOT_VERIFIED",
    });
  });

  async function interrupted(answer: (actionHash: string) => object) {
    const approvals = new HostApprover();
    const { gate, records } = openGate({ ...asksPerson, approver: approvals });
    const { tools, ran } = ownTools();
    const guard = createMiddleware(
      await guardToolCalls({ gate, toolbox: "own", tools, ToolMessage, approvals, session: "s-1" }),
    );
    const agent = createAgent({
      model: calling("read", "/a"),
      tools,
      middleware: [guard],
      checkpointer: new MemorySaver(),
    });
    const thread = { configurable: { thread_id: "t-1" } };
    const first = (await agent.invoke({ messages: "go" }, thread)) as unknown as {
      __interrupt__: { value: { approval: { actionHash: string; action: string } } }[];
    };
    const approval = first.__interrupt__[0]?.value.approval;
    expect(approval).toMatchObject({ action: "read" });
    expect(ran).toEqual([]);
    const { messages } = await agent.invoke(
      new Command({ resume: answer(approval?.actionHash ?? "") }),
      thread,
    );
    return { ran, records, messages };
  }

  test("a call that a person must approve interrupts the graph, and runs when it is resumed", async () => {
    const { ran, records } = await interrupted((actionHash) => ({ approved: true, actionHash }));
    expect(ran).toEqual(["read /a"]);
    expect(records.map(({ outcome }) => outcome)).toEqual(["denied", "attempt", "success"]);
  });

  test.each([
    ["a refusal", (actionHash: string) => ({ approved: false, actionHash })],
    ["an approval of something else", () => ({ approved: true, actionHash: "sha256:00" })],
    ["a plain yes", () => ({ approved: true })],
  ])("%s runs nothing", async (_what, answer) => {
    const { ran, messages } = await interrupted(answer);
    expect(ran).toEqual([]);
    expect(contentOf(toolMessages(messages)[0])).toMatchObject({
      code: "GATE_APPROVAL_REFUSED",
    });
  });
});
