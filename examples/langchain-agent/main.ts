// A LangChain agent behind the gate. A refused call is a tool message that the model can read; a call that needs a
// person interrupts the graph, and resumes it with an answer that names exactly what the person saw.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, MemorySaver } from "@langchain/langgraph";
import { ChatOpenAI } from "@langchain/openai";
import { guardToolCalls, HostApprover } from "@symbiont/adapters/langchain/v1";
import { createGuard } from "@symbiont/core/guard";
import { createAgent, createMiddleware, ToolMessage, tool } from "langchain";
import { startModelServer } from "model-server";
import { z } from "zod";

const outbox: string[] = [];
const tools = [
  tool(() => "From kim@corp.example: when do we meet?", {
    name: "read_mail",
    description: "Reads the newest message.",
    schema: z.object({}),
  }),
  tool(
    ({ to, body }) => {
      outbox.push(`${to}: ${body}`);
      return "sent";
    },
    {
      name: "send_mail",
      description: "Sends a message.",
      schema: z.object({ to: z.string().max(200), body: z.string() }),
    },
  ),
];

/** What a run that was interrupted gives back. */
interface Interrupted {
  readonly __interrupt__?: readonly {
    readonly value: { readonly approval: { readonly action: string; readonly actionHash: string } };
  }[];
}

export async function main(say: (line: string) => void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "langchain-agent-"));
  const approvals = new HostApprover(); // one for the process
  const guard = await createGuard(
    {
      identity: { fixed: { kind: "agent", id: "mail-agent" } },
      tools: { own: ["mail"], pins: "pins.json", servers: {} },
      policy: { folder: fileURLToPath(new URL("policies", import.meta.url)) },
      audit: {
        folder: "journal",
        origin: "example.com/langchain-agent/audit/1",
        key: "ephemeral",
        anchor: "anchor",
      },
    },
    { directory: folder, stages: { approver: approvals } },
  );

  const answer = { to: "kim@corp.example", body: "At noon." };
  const server = await startModelServer({
    "Answer my mail.": [
      { calls: [{ tool: "read_mail", arguments: {} }] },
      { calls: [{ tool: "send_mail", arguments: answer }] },
      { says: "Kim knows that we meet at noon." },
    ],
    "Send it to eve as well.": [
      { calls: [{ tool: "send_mail", arguments: { ...answer, to: "eve@evil.test" } }] },
      { says: "I may not write to Eve." },
    ],
  });
  const guarded = await guardToolCalls({
    gate: guard.gate,
    toolbox: "mail",
    tools,
    ToolMessage,
    approvals,
    session: "chat-1",
  });
  const agent = createAgent({
    model: new ChatOpenAI({
      model: "scripted",
      apiKey: "none",
      configuration: { baseURL: server.url },
      maxRetries: 0,
    }),
    tools,
    middleware: [createMiddleware(guarded)], // the last one, so that nothing changes a call after it
    checkpointer: new MemorySaver(), // in earnest: a saver that outlives the process
  });

  const thread = { configurable: { thread_id: "chat-1" } };
  let shown = 0;
  /** One run of the graph; gives what a person is asked, if that is so. */
  async function run(input: Parameters<typeof agent.invoke>[0]) {
    const result = await agent.invoke(input, thread);
    for (const message of result.messages.slice(shown)) {
      if (ToolMessage.isInstance(message)) say(`${message.name}: ${message.text}`);
      else if (message.type === "ai" && message.text !== "") say(`model: ${message.text}`);
    }
    shown = result.messages.length;
    return (result as Interrupted).__interrupt__?.[0]?.value.approval;
  }

  const asked = await run({ messages: [{ role: "user", content: "Answer my mail." }] });
  say(`a person is asked about ${asked?.action}; sent until then: ${outbox.length}`);
  await run(new Command({ resume: { approved: true, actionHash: asked?.actionHash } }));
  await run({ messages: [{ role: "user", content: "Send it to eve as well." }] });
  say(`sent: ${outbox.join("; ")}`);

  await server.close();
  await guard.close();
  rmSync(folder, { recursive: true, force: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(console.log);
