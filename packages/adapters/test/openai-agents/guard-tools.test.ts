import {
  Agent,
  type Model,
  type ModelResponse,
  RunState,
  run,
  tool,
  Usage,
  webSearchTool,
} from "@openai/agents";
import { guardMcpServer, guardTools, HostApprover } from "@symbiont/adapters/openai-agents/v0";
import type { GateOptions } from "@symbiont/core";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { openGate } from "../open-gate.ts";

/** A checker that reads text too: the SDK hands over what the model wrote. */
const readsText: Partial<GateOptions> = {
  arguments: {
    check: (input) => ({
      valid: true,
      arguments: typeof input === "string" ? JSON.parse(input) : structuredClone(input),
    }),
  },
};

const asksPerson: Partial<GateOptions> = {
  ...readsText,
  policy: {
    decide: ({ approvals }) =>
      approvals?.includes("operator") === true
        ? { effect: "allow", code: "allow.approved", reason: "approved", rules: ["p#0"] }
        : { effect: "ask", code: "ask.rule", reason: "a person decides", rules: ["p#0"], role: "operator" },
  },
};

/** A model that calls one tool and then says `done`. */
function calling(name: string, args: object): Model {
  const outputs: object[] = [
    {
      type: "function_call",
      callId: "c-1",
      name,
      arguments: JSON.stringify(args),
      status: "completed",
    },
    {
      type: "message",
      role: "assistant",
      status: "completed",
      content: [{ type: "output_text", text: "done" }],
    },
  ];
  return {
    getResponse: async () => ({ usage: new Usage(), output: [outputs.shift()] }) as unknown as ModelResponse,
    getStreamedResponse: () => {
      throw new Error("not streamed here");
    },
  };
}

function ownTools() {
  const ran: string[] = [];
  const make = (name: string) =>
    tool({
      name,
      description: name,
      parameters: z.object({ path: z.string() }),
      execute: ({ path }) => {
        ran.push(`${name} ${path}`);
        return `content of ${path}`;
      },
    });
  return { ran, tools: [make("read"), make("forbidden")] };
}

function outputOf(result: { readonly newItems: readonly { readonly rawItem?: unknown }[] }): string {
  const items = result.newItems.map(
    ({ rawItem }) => rawItem as { type?: string; output?: { text?: string } },
  );
  return items.find(({ type }) => type === "function_call_result")?.output?.text ?? "";
}

describe("an agent of the OpenAI Agents SDK", () => {
  test("an allowed tool runs, and both records are made", async () => {
    const { gate, records } = openGate(readsText);
    const { tools, ran } = ownTools();
    const agent = new Agent({
      name: "a",
      model: calling("read", { path: "/a" }),
      tools: await guardTools(tools, { gate, toolbox: "own" }),
    });
    const result = await run(agent, "go");
    expect(result.finalOutput).toBe("done");
    expect(outputOf(result)).toBe("content of /a");
    expect(ran).toEqual(["read /a"]);
    expect(records.map(({ outcome }) => outcome)).toEqual(["attempt", "success"]);
  });

  test("a forbidden tool does not run; the model reads why", async () => {
    const { gate } = openGate(readsText);
    const { tools, ran } = ownTools();
    const agent = new Agent({
      name: "a",
      model: calling("forbidden", { path: "/a" }),
      tools: await guardTools(tools, { gate, toolbox: "own" }),
    });
    const result = await run(agent, "go");
    expect(ran).toEqual([]);
    expect(JSON.parse(outputOf(result))).toMatchObject({ denied: true, code: "deny.rule" });
  });

  async function interrupted() {
    const approvals = new HostApprover();
    const { gate, records } = openGate({ ...asksPerson, approver: approvals });
    const { tools, ran } = ownTools();
    const agent = new Agent({
      name: "a",
      model: calling("read", { path: "/a" }),
      tools: await guardTools(tools, { gate, toolbox: "own", approvals, session: "s-1" }),
    });
    const first = await run(agent, "go");
    const [interruption] = first.interruptions;
    expect(interruption).toBeDefined();
    expect(ran).toEqual([]);
    // As a host does that keeps the run until somebody has time.
    const state = await RunState.fromString(agent, first.state.toString());
    return { agent, state, ran, records };
  }

  test("a call that a person must approve interrupts the run, and runs when it was approved", async () => {
    const { agent, state, ran, records } = await interrupted();
    const [item] = state.getInterruptions();
    if (item !== undefined) state.approve(item);
    const result = await run(agent, state);
    expect(result.finalOutput).toBe("done");
    expect(ran).toEqual(["read /a"]);
    expect(records.map(({ outcome }) => outcome)).toEqual(["denied", "attempt", "success"]);
  });

  test("a call that the person rejects does not run", async () => {
    const { agent, state, ran } = await interrupted();
    const [item] = state.getInterruptions();
    if (item !== undefined) state.reject(item);
    await run(agent, state);
    expect(ran).toEqual([]);
  });

  test("a hosted tool must be named", async () => {
    const { gate } = openGate(readsText);
    const hosted = webSearchTool();
    await expect(guardTools([hosted], { gate, toolbox: "own" })).rejects.toMatchObject({
      code: "ADAPTER_TOOL_UNGOVERNED",
    });
    expect(await guardTools([hosted], { gate, toolbox: "own", ungoverned: [hosted.name] })).toEqual([hosted]);
  });
});

describe("an MCP server of the SDK", () => {
  class Server {
    readonly name = "files";
    readonly cacheToolsList = false;
    // Private, as in the SDK's own servers.
    readonly #calls: string[] = [];
    get calls(): readonly string[] {
      return this.#calls;
    }
    async connect() {}
    async close() {}
    async invalidateToolsCache() {}
    async listTools() {
      return ["read", "unsigned", "forbidden"].map((name) => ({
        name,
        description: name,
        inputSchema: {
          type: "object" as const,
          properties: { path: { type: "string" } },
          required: ["path"],
          additionalProperties: false,
        },
      }));
    }
    async callTool(name: string, args: Record<string, unknown> | null) {
      this.#calls.push(`${name} ${String(args?.["path"])}`);
      return [{ type: "text" as const, text: "content" }];
    }
  }

  test("shows verified tools only, and refuses the others", async () => {
    const { gate, records } = openGate(readsText);
    const server = new Server();
    const guarded = guardMcpServer(server, { gate, toolbox: "files" });
    const agent = new Agent({
      name: "a",
      model: calling("read", { path: "/a" }),
      mcpServers: [guarded],
    });
    const result = await run(agent, "go");
    expect(result.finalOutput).toBe("done");
    expect((await guarded.listTools()).map(({ name }) => name)).toEqual(["read", "forbidden"]);
    for (const name of ["unsigned", "forbidden"]) {
      const [content] = (await guarded.callTool(name, { path: "/a" })) as { text: string }[];
      expect(JSON.parse(content?.text ?? "")).toMatchObject({ denied: true });
    }
    expect(server.calls).toEqual(["read /a"]);
    expect(records.filter(({ outcome }) => outcome === "success")).toHaveLength(1);
  });
});
