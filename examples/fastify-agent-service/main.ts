// An agent's HTTP service in Fastify. A caller shows an API key and asks in words; the model proposes tool calls; the gate
// judges each of them as that caller's. Webhooks come in verified, and everything is in one journal.
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { eventOf, guardFastify, webhookFastify } from "@symbiont/adapters/fastify";
import { ApiKeys, apiKeyIdentity, tokenFromHeaders } from "@symbiont/api-keys";
import { FileStore } from "@symbiont/api-keys/file";
import { isDenied } from "@symbiont/core";
import { createGuard } from "@symbiont/core/guard";
import { RateLimiter } from "@symbiont/ratelimit";
import { createWebhookVerifier, signWebhook } from "@symbiont/webhook-verify";
import { stripe } from "@symbiont/webhook-verify/presets/stripe";
import fastify from "fastify";
import { startModelServer } from "model-server";

const AUDIENCE = "fastify-agent-service";
const orders = new Map([["A-1", { total: 40, paid: false }]]);
const text = { type: "string", maxLength: 40 };
const tools = [
  {
    name: "find_order",
    description: "Finds an order.",
    inputSchema: { type: "object", properties: { id: text }, required: ["id"], additionalProperties: false },
  },
  {
    name: "refund",
    description: "Refunds an order.",
    inputSchema: {
      type: "object",
      properties: { id: text, amount: { type: "number", minimum: 0 } },
      required: ["id", "amount"],
      additionalProperties: false,
    },
  },
];
const effects: Readonly<Record<string, (given: Readonly<Record<string, unknown>>) => unknown>> = {
  find_order: ({ id }) => orders.get(String(id)) ?? "there is no such order",
  refund: ({ id, amount }) => `refunded ${String(amount)} for ${String(id)}`,
};

interface Message {
  readonly role: string;
  readonly content?: string | null;
  readonly tool_calls?: readonly {
    readonly id: string;
    readonly function: { name: string; arguments: string };
  }[];
  readonly tool_call_id?: string;
}

export async function startService({
  folder,
  modelUrl,
  webhookSecret,
}: {
  readonly folder: string;
  readonly modelUrl: string;
  readonly webhookSecret: string;
}) {
  const keys = new ApiKeys({ store: new FileStore(join(folder, "keys.json")) });
  const identity = { verifier: apiKeyIdentity(keys, AUDIENCE), audience: AUDIENCE };
  const guard = await createGuard(
    {
      identity: { apiKeys: { file: "keys.json", audience: AUDIENCE } },
      rate: { limits: [{ count: 10, periodMs: 60_000 }] }, // tool calls of each caller
      tools: { own: ["orders"], pins: "pins.json", servers: {} },
      policy: { folder: fileURLToPath(new URL("policies", import.meta.url)) },
      audit: { folder: "journal", origin: "example.com/orders/audit/1", key: "ephemeral", anchor: "anchor" },
    },
    { directory: folder, stages: { identity } },
  );
  await guard.gate.verifyTools(tools, "orders");

  const app = fastify();
  const deliveries = createWebhookVerifier(stripe, { secrets: [webhookSecret] });
  await app.register(async (scope) => {
    webhookFastify(scope, deliveries); // of this scope only: the body stays as it came
    scope.post("/webhooks/payments", async (request, reply) => {
      const { data } = eventOf(request, deliveries)?.json() as { data: { object: { order: string } } };
      const order = orders.get(data.object.order);
      if (order !== undefined) order.paid = true;
      await guard.audit.append({
        type: "webhook.accept",
        outcome: "success",
        actor: { kind: "service", id: "stripe" },
      });
      return reply.code(204).send();
    });
  });

  await app.register(async (scope) => {
    scope.addHook(
      "onRequest",
      guardFastify({ clientAddress: guard.clientAddress, addressLimit: new RateLimiter(), identity }),
    );
    scope.post<{ Body: { question: string } }>("/ask", async (request) => {
      const credential = tokenFromHeaders(request.raw.rawHeaders);
      const messages: Message[] = [{ role: "user", content: request.body.question }];
      for (let step = 0; step < 10; step += 1) {
        const response = await fetch(`${modelUrl}/chat/completions`, {
          method: "POST",
          body: JSON.stringify({ model: "scripted", messages }),
        });
        const message = ((await response.json()) as { choices: { message: Message }[] }).choices[0]?.message;
        if (message?.tool_calls === undefined)
          return {
            answer: message?.content,
            used: messages.filter(({ role }) => role === "tool").map(({ content }) => content),
          };
        messages.push(message);
        for (const {
          id,
          function: { name, arguments: given },
        } of message.tool_calls) {
          const result = await guard.gate.run(
            { id: `${request.id}.${id}`, server: "orders", tool: name, arguments: given, credential },
            (call) => effects[call.tool]?.(call.arguments),
          );
          messages.push({
            role: "tool",
            tool_call_id: id,
            content: JSON.stringify(isDenied(result) ? result.code : result.value),
          });
        }
      }
      return { answer: "That took too many steps." };
    });
  });
  app.get("/health", async (_, reply) => {
    const health = await guard.health();
    return reply.code(health.ready ? 200 : 503).send({ ready: health.ready });
  });

  await app.listen({ port: 0, host: "127.0.0.1" });
  const close = async (): Promise<void> => {
    await app.close();
    await guard.close();
    await keys.close();
  };
  return { url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`, keys, close };
}

export async function main(say: (line: string) => void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "fastify-agent-service-"));
  const question = "Is A-1 paid? If not, give the money back.";
  const model = await startModelServer({
    [question]: [
      { calls: [{ tool: "find_order", arguments: { id: "A-1" } }] },
      {
        calls: [
          { tool: "refund", arguments: { id: "A-1", amount: 40 } },
          { tool: "refund", arguments: { id: "A-1", amount: 4000 } },
        ],
      },
      { says: "I did what I could." },
    ],
  });
  const webhookSecret = "whsec_a_secret_of_the_example";
  const service = await startService({ folder, modelUrl: model.url, webhookSecret });
  const ask = async (token: string): Promise<string> => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const response = await fetch(`${service.url}/ask`, {
      method: "POST",
      headers,
      body: JSON.stringify({ question }),
    });
    return response.ok
      ? ((await response.json()) as { used: string[] }).used.join(" | ")
      : String(response.status);
  };

  const clerk = (await service.keys.create({ agents: ["clerk"], scopes: [] })).token.reveal();
  const manager = (await service.keys.create({ agents: ["manager"], scopes: ["refunds"] })).token.reveal();
  say(`nobody: ${await ask("nothing")}`);
  say(`clerk: ${await ask(clerk)}`);
  say(`manager: ${await ask(manager)}`);

  const rawBody = new TextEncoder().encode(
    JSON.stringify({ id: "evt_1", data: { object: { order: "A-1" } } }),
  );
  const deliver = async (secret: string): Promise<number> => {
    const { headers } = await signWebhook(stripe, { rawBody }, { secrets: [secret] });
    return (
      await fetch(`${service.url}/webhooks/payments`, {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body: rawBody,
      })
    ).status;
  };
  say(
    `payment: ${await deliver(webhookSecret)}; forged: ${await deliver("whsec_another_secret_altogether")}`,
  );
  await ask(clerk);
  await ask(clerk);
  say(`clerk, once more: ${await ask(clerk)}`);
  say(`health: ${(await fetch(`${service.url}/health`)).status}`);
  await service.close();
  await model.close();
  rmSync(folder, { recursive: true, force: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(console.log);
