import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSdkMcpServer, query, tool } from "@anthropic-ai/claude-agent-sdk";
import {
  anyArguments,
  type GuardAgentOptions,
  guardAgent,
  HostApprover,
} from "@symbiont/adapters/claude-agent/v0";
import type { GateOptions } from "@symbiont/core";
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { openGate } from "../open-gate.ts";
import { serveModel, type Turn } from "./model-server.ts";

/** The host's program, 360 MB: not installed with the rest. */
function findProgram(): string | undefined {
  const named = process.env["CLAUDE_CODE_EXECUTABLE"];
  if (named !== undefined) return existsSync(named) ? named : undefined;
  try {
    return createRequire(import.meta.url).resolve(
      `@anthropic-ai/claude-agent-sdk-${process.platform}-${process.arch}/claude`,
    );
  } catch {
    return undefined;
  }
}

const program = findProgram();
if (program === undefined)
  process.stderr.write("skipped: the Claude Agent SDK under its own program (set CLAUDE_CODE_EXECUTABLE)\n");

const asksPerson: Partial<GateOptions> = {
  policy: {
    decide: ({ approvals }) =>
      approvals?.includes("operator") === true
        ? { effect: "allow", code: "allow.approved", reason: "approved", rules: ["p#0"] }
        : { effect: "ask", code: "ask.rule", reason: "a person decides", rules: ["p#0"], role: "operator" },
  },
};

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Runs one agent against a scripted model, and tells what its own tools did and what was recorded. */
async function runAgent(
  turns: readonly Turn[],
  ports: Partial<GateOptions>,
  guard: Partial<GuardAgentOptions> = {},
): Promise<{ ran: string[]; outcomes: string[]; toModel: string }> {
  const folder = mkdtempSync(join(tmpdir(), "claude-agent-"));
  folders.push(folder);
  writeFileSync(join(folder, "notes.txt"), "the moon is made of rock");
  const ran: string[] = [];
  const own = createSdkMcpServer({
    name: "own",
    version: "1.0.0",
    tools: ["look", "forbidden_look"].map((name) =>
      tool(name, name, { path: z.string() }, async ({ path }) => {
        ran.push(`${name} ${path}`);
        return { content: [{ type: "text", text: `content of ${path}` }] };
      }),
    ),
  });
  const { gate, records } = openGate(ports);
  const guarded = await guardAgent({
    gate,
    toolbox: "claude",
    tools: anyArguments(["Read", "mcp__own__look", "mcp__own__forbidden_look"]),
    ...guard,
  });
  const model = await serveModel(turns);
  try {
    const agent = query({
      prompt: "go",
      options: {
        ...guarded,
        cwd: folder,
        pathToClaudeCodeExecutable: program as string,
        mcpServers: { own },
        allowedTools:
          guard.approvals === undefined ? ["mcp__own__look", "mcp__own__forbidden_look", "Read", "Bash"] : [],
        settingSources: [],
        maxTurns: 4,
        env: {
          PATH: process.env["PATH"],
          HOME: folder,
          ANTHROPIC_BASE_URL: model.url,
          ANTHROPIC_API_KEY: "sk-ant-scripted",
          CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
          DISABLE_TELEMETRY: "1",
          DISABLE_AUTOUPDATER: "1",
        },
      },
    });
    for await (const message of agent) void message;
  } finally {
    model.close();
  }
  return { ran, outcomes: records.map(({ outcome }) => outcome), toModel: model.seen.at(-1) ?? "" };
}

describe.skipIf(program === undefined)("an agent of the Claude Agent SDK under its own program", () => {
  const look = (path: string): Turn => ({ tool: "mcp__own__look", input: { path } });

  test("an allowed tool runs, and both records are made", { timeout: 60_000 }, async () => {
    const { ran, outcomes } = await runAgent([look("/a"), {}], {});
    expect(ran).toEqual(["look /a"]);
    expect(outcomes).toEqual(["attempt", "success"]);
  });

  test("a built-in tool passes the gate too", { timeout: 60_000 }, async () => {
    const { outcomes, toModel } = await runAgent(
      [{ tool: "Read", input: { file_path: "notes.txt" } }, {}],
      {},
    );
    expect(toModel).toContain("the moon is made of rock");
    expect(outcomes).toEqual(["attempt", "success"]);
  });

  test("a forbidden tool does not run; the model reads why", { timeout: 60_000 }, async () => {
    const { ran, toModel } = await runAgent([look("/secret"), {}], {
      policy: {
        decide: () => ({ effect: "deny", code: "deny.rule", reason: "forbidden here", rules: ["p#0"] }),
      },
    });
    expect(ran).toEqual([]);
    expect(toModel).toContain("deny.rule");
  });

  test("a tool that is not listed cannot be called, whatever the host allows", {
    timeout: 60_000,
  }, async () => {
    const { outcomes, toModel } = await runAgent(
      [{ tool: "Bash", input: { command: "id > proof", description: "x" } }, {}],
      {},
    );
    expect(toModel).toContain("GATE_TOOL_NOT_VERIFIED");
    expect(outcomes).toEqual(["denied"]);
  });

  test.each([
    ["approves", "allow", ["look /a"]],
    ["refuses", "deny", []],
  ] as const)(
    "a call that policy asks about is up to the person, who %s",
    { timeout: 60_000 },
    async (_what, behavior, expected) => {
      const approvals = new HostApprover();
      const asked: string[] = [];
      const { ran, outcomes } = await runAgent(
        [look("/a"), {}],
        { ...asksPerson, approver: approvals },
        {
          approvals,
          askPerson: async (name) => {
            asked.push(name);
            return behavior === "allow" ? { behavior } : { behavior, message: "no" };
          },
        },
      );
      expect(asked).toEqual(["mcp__own__look"]);
      expect(ran).toEqual(expected);
      expect(outcomes.at(-1)).toBe(behavior === "allow" ? "success" : "denied");
    },
  );
});
