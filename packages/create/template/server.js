// A small MCP server, in place of the one you want to use. It speaks JSON-RPC over standard input and output.
import { createInterface } from "node:readline";

const notes = new Map([
  ["shopping", "milk, bread"],
  ["secret", "the combination is 1234"],
]);
const inputSchema = {
  type: "object",
  properties: { name: { type: "string" } },
  required: ["name"],
  additionalProperties: false,
};
const tools = [
  { name: "read_note", description: "Reads a note.", inputSchema },
  { name: "delete_note", description: "Deletes a note.", inputSchema },
];

function call({ name, arguments: { name: note } }) {
  if (name === "delete_note") notes.delete(note);
  return { content: [{ type: "text", text: notes.get(note) ?? "there is no such note" }] };
}

const methods = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: "notes", version: "1.0.0" },
  }),
  "tools/list": () => ({ tools }),
  "tools/call": call,
  ping: () => ({}),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) continue;
  const answer = methods[method];
  const outcome =
    answer === undefined
      ? { error: { code: -32601, message: "no such method" } }
      : { result: answer(params) };
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, ...outcome })}\n`);
}
