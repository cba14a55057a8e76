import { Client } from "@modelcontextprotocol/client";
import { namespaceTier, Sandbox } from "@symbiont/sandbox";
import { sandboxedTransport } from "@symbiont/sandbox/views/mcp";
import { expect, test } from "vitest";

const { available, problems } = await namespaceTier().probe();
const why = available ? "" : ` (skipped: ${problems.join("; ")})`;

/** A server with one tool, which tells what its world is like. */
const SERVER = `
import { readdirSync } from "node:fs";
import { createInterface } from "node:readline";
const answers = {
  initialize: ({ protocolVersion }) => ({ protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "s", version: "1" } }),
  "tools/list": () => ({ tools: [{ name: "look", inputSchema: { type: "object" } }] }),
  "tools/call": () => ({ content: [{ type: "text", text: [process.env.CANARY, ...readdirSync(".")].join() }] }),
};
createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  if (answers[method]) console.log(JSON.stringify({ jsonrpc: "2.0", id, result: answers[method](params) }));
});
`;

const sandbox = (): Sandbox =>
  new Sandbox({ tier: namespaceTier(), files: { "server.mjs": SERVER }, limits: { processes: 64 } });

test.skipIf(why !== "")(`a client of the protocol speaks to a server inside a tier${why}`, async () => {
  process.env["CANARY"] = "host";
  const transport = sandboxedTransport({
    sandbox: sandbox(),
    command: ["node", "server.mjs"],
  });
  const client = new Client({ name: "c", version: "1" });
  await client.connect(transport);
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(["look"]);
  const { content } = await client.callTool({ name: "look", arguments: {} });
  expect(content).toEqual([{ type: "text", text: ",server.mjs" }]);
  await client.close();
  expect(transport.outcome).toMatchObject({ status: "cancelled", survivors: 0 });
  await expect(transport.send({})).rejects.toMatchObject({ code: "SANDBOX_CLOSED" });
});

test.skipIf(why !== "")(
  `what is no message is an error, and the next message is still read${why}`,
  async () => {
    const errors: string[] = [];
    const messages: unknown[] = [];
    const transport = sandboxedTransport({
      sandbox: sandbox(),
      command: [
        "sh",
        "-c",
        'echo noise; echo "{\\"a\\":1}"; printf "{\\"b\\"" ; sleep 0.1; echo ":2}"; echo "{\\"__proto__\\":1}"',
      ],
    });
    transport.onerror = ({ message }) => errors.push(message);
    transport.onmessage = (message) => messages.push(message);
    const closed = new Promise<void>((resolve) => {
      transport.onclose = resolve;
    });
    await transport.start();
    await closed;
    expect(messages).toEqual([{ a: 1 }, { b: 2 }]);
    expect(errors).toHaveLength(2);
    expect(transport.outcome?.exitCode).toBe(0);
  },
);

test.skipIf(why !== "")(
  `a message without end ends the server, and one that is not read is refused${why}`,
  async () => {
    const errors: string[] = [];
    const flood = sandboxedTransport({
      sandbox: sandbox(),
      command: ["cat", "/dev/zero"],
      maxMessageBytes: 10_000,
    });
    flood.onerror = ({ message }) => errors.push(message);
    await flood.start();
    await new Promise<void>((resolve) => {
      flood.onclose = resolve;
    });
    expect([errors.length, flood.outcome?.status]).toEqual([1, "cancelled"]);
    const deaf = sandboxedTransport({
      sandbox: sandbox(),
      command: ["sleep", "20"],
      maxMessageBytes: 300_000,
    });
    await deaf.start();
    const sends = Array.from({ length: 20 }, async () => deaf.send("x".repeat(100_000)));
    await expect(Promise.all(sends)).rejects.toMatchObject({ code: "SANDBOX_CAPACITY" });
    await deaf.close();
  },
);

test.skipIf(why !== "")(
  `who fails at one message still gets the next, and the failure is told${why}`,
  async () => {
    const errors: string[] = [];
    const messages: unknown[] = [];
    const command = ["sh", "-c", 'printf "{\\"a\\":1}\\n{\\"a\\":2}\\n{\\"a\\":3}\\n"'];
    const transport = sandboxedTransport({ sandbox: sandbox(), command });
    transport.onerror = ({ message }) => {
      errors.push(message);
      throw new Error("nobody is to hear of this");
    };
    transport.onmessage = (message: unknown) => {
      messages.push(message);
      throw new Error(`failed at ${messages.length}`);
    };
    const closed = new Promise<void>((resolve) => {
      transport.onclose = () => {
        resolve();
        throw new Error("nor of this");
      };
    });
    await transport.start();
    await closed;
    await transport.close();
    expect(messages).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
    expect(errors).toEqual(["failed at 1", "failed at 2", "failed at 3"]);
  },
);
