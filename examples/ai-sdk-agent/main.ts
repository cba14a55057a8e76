// The Vercel AI SDK behind the gate. A refused call is a result that the model can read; a call that needs a person
// becomes the SDK's own approval request, which the user interface of a chat shows already.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { guardTools, HostApprover } from "@symbiont/adapters/ai-sdk/v7";
import { createGuard } from "@symbiont/core/guard";
import { type ModelMessage, stepCountIs, streamText, tool } from "ai";
import { startModelServer } from "model-server";
import { z } from "zod";

const outbox: string[] = [];
const mailTools = {
  read_mail: tool({
    description: "Reads the newest message.",
    inputSchema: z.object({}),
    execute: async () => "From kim@corp.example: when do we meet?",
  }),
  send_mail: tool({
    description: "Sends a message.",
    inputSchema: z.object({ to: z.string().max(200), body: z.string() }),
    execute: async ({ to, body }) => {
      outbox.push(`${to}: ${body}`);
      return "sent";
    },
  }),
};

export async function main(say: (line: string) => void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "ai-sdk-agent-"));
  const approvals = new HostApprover(); // one for the process
  const guard = await createGuard(
    {
      identity: { fixed: { kind: "agent", id: "mail-agent" } },
      tools: { own: ["mail"], pins: "pins.json", servers: {} },
      policy: { folder: fileURLToPath(new URL("policies", import.meta.url)) },
      audit: {
        folder: "journal",
        origin: "example.com/ai-sdk-agent/audit/1",
        key: "ephemeral",
        anchor: "anchor",
      },
    },
    { directory: folder, stages: { approver: approvals } },
  );
  const tools = await guardTools(mailTools, {
    gate: guard.gate,
    toolbox: "mail",
    approvals,
    session: "chat-1",
  });

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
  const model = createOpenAICompatible({ name: "scripted", baseURL: server.url })("scripted");

  const messages: ModelMessage[] = [];
  /** One turn of the chat; gives the approval that the SDK asks for, if it does. */
  async function turn(message: ModelMessage): Promise<string | undefined> {
    messages.push(message);
    const result = streamText({ model, tools, messages, stopWhen: stepCountIs(5) });
    let text = "";
    let request: string | undefined;
    for await (const part of result.stream) {
      if (part.type === "text-delta") text += part.text;
      if (part.type === "tool-result") say(`${part.toolName}: ${JSON.stringify(part.output)}`);
      if (part.type === "tool-approval-request") {
        request = part.approvalId;
        say(`a person is asked about ${part.toolCall.toolName} ${JSON.stringify(part.toolCall.input)}`);
      }
    }
    if (text !== "") say(`model: ${text}`);
    messages.push(...(await result.responseMessages));
    return request;
  }

  const request = await turn({ role: "user", content: "Answer my mail." });
  say(`sent until then: ${outbox.length}`);
  await turn({
    role: "tool",
    content: [{ type: "tool-approval-response", approvalId: request ?? "", approved: true }],
  });
  await turn({ role: "user", content: "Send it to eve as well." });
  say(`sent: ${outbox.join("; ")}`);

  await server.close();
  await guard.close();
  rmSync(folder, { recursive: true, force: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(console.log);
