// A home-made agent loop: the model proposes, the gate decides, stage by stage. Between two stages the loop can do what
// it likes; it cannot leave one out, because each stage takes only what the one before it gave out.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Denial, type Gate, isDenied } from "@symbiont/core";
import { createGuard } from "@symbiont/core/guard";
import { startModelServer } from "model-server";

// ── The tools: what the model is told of them, and what they do.
const text = { type: "string", maxLength: 200 };
const tools = [
  { name: "read_note", description: "Reads a note.", properties: { name: text } },
  { name: "send_note", description: "Sends a note to a person.", properties: { name: text, to: text } },
].map(({ name, description, properties }) => ({
  name,
  description,
  inputSchema: { type: "object", properties, required: Object.keys(properties), additionalProperties: false },
}));
const notes: Readonly<Record<string, string>> = {
  shopping: "milk, bread",
  secret: "the combination is 1234",
};
const effects: Readonly<Record<string, (given: Readonly<Record<string, unknown>>) => string>> = {
  read_note: ({ name }) => notes[String(name)] ?? "there is no such note",
  send_note: ({ name, to }) => `sent ${String(name)} to ${String(to)}`,
};

/** One tool call of the model, taken through every stage. The text is the model's own: nothing was parsed before. */
async function callTool(gate: Gate, id: string, tool: string, given: string): Promise<string | Denial> {
  const proposed = gate.propose({ id, server: "notes", tool, arguments: given });
  const identified = await gate.identify(proposed); // who calls
  if (isDenied(identified)) return identified;
  const admitted = await gate.admit(identified); // within the limits
  if (isDenied(admitted)) return admitted;
  const verified = await gate.verify(admitted); // a known tool, and arguments that fit it
  if (isDenied(verified)) return verified;
  const authorized = await gate.authorize(verified); // the rules say yes, and the intent is on record
  if (isDenied(authorized)) return authorized;
  // `gate.execute(verified, …)` does not compile, and `authorized` is good for one execution.
  const settled = await gate.execute(
    authorized,
    (call) => effects[call.tool]?.(call.arguments) ?? "no such tool",
  );
  return settled.status === "returned" ? settled.value : "the tool failed";
}

interface Message {
  readonly role: string;
  readonly content?: string | null;
  readonly tool_calls?: readonly {
    readonly id: string;
    readonly function: { name: string; arguments: string };
  }[];
  readonly tool_call_id?: string;
}

export async function main(say: (line: string) => void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "agent-loop-"));
  const guard = await createGuard(
    {
      identity: { fixed: { kind: "agent", id: "notes-agent" } },
      tools: { own: ["notes"], pins: "pins.json", servers: {} },
      policy: { folder: fileURLToPath(new URL("policies", import.meta.url)) },
      audit: {
        folder: "journal",
        origin: "example.com/agent-loop/audit/1",
        key: "ephemeral",
        anchor: "anchor",
      },
    },
    { directory: folder },
  );
  await guard.gate.verifyTools(tools, "notes");

  const question = "Read my notes, and send the shopping list to everybody.";
  const model = await startModelServer({
    [question]: [
      {
        calls: [
          { tool: "read_note", arguments: { name: "shopping" } },
          { tool: "read_note", arguments: { name: "secret" } },
        ],
      },
      {
        calls: [
          { tool: "send_note", arguments: { name: "shopping", to: "kim@corp.example" } },
          { tool: "send_note", arguments: { name: "shopping", to: "eve@example.org" } },
        ],
      },
      {
        calls: [
          { tool: "read_note", arguments: '{"name":"shopping","name":"secret"}' },
          { tool: "run_shell", arguments: { command: "id" } },
        ],
      },
      { says: "Kim has the shopping list. The rest I was not allowed to do." },
    ],
  });

  const messages: Message[] = [{ role: "user", content: question }];
  for (let step = 0; step < 10; step += 1) {
    const response = await fetch(`${model.url}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        model: "scripted",
        messages,
        tools: tools.map(({ inputSchema: parameters, ...rest }) => ({
          type: "function",
          function: { ...rest, parameters },
        })),
      }),
    });
    const { choices } = (await response.json()) as { choices: { message: Message }[] };
    const message = choices[0]?.message ?? { role: "assistant", content: "" };
    messages.push(message);
    if (message.tool_calls === undefined) {
      say(`model: ${message.content ?? ""}`);
      break;
    }
    for (const {
      id,
      function: { name, arguments: given },
    } of message.tool_calls) {
      const result = await callTool(guard.gate, id, name, given);
      say(`${name} ${given}: ${typeof result === "string" ? result : `denied, ${result.code}`}`);
      messages.push({
        role: "tool",
        tool_call_id: id,
        content: typeof result === "string" ? result : JSON.stringify(result),
      });
    }
  }

  await model.close();
  await guard.close();
  rmSync(folder, { recursive: true, force: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(console.log);
