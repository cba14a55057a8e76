import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { guardFastify } from "@symbiont/adapters/fastify";
import { ApiKeys, apiKeyIdentity, tokenFromHeaders } from "@symbiont/api-keys";
import { FileStore } from "@symbiont/api-keys/file";
import { createGuard } from "@symbiont/core/guard";
import { RateLimiter } from "@symbiont/ratelimit";
import fastify from "fastify";
import { answer } from "./agent.ts";
import { tools } from "./orders.ts";
import { receivePayments } from "./payments.ts";

const AUDIENCE = "fastify-agent-service";

/** Where the service keeps its files, who answers, and the secret of the payment provider. */
export interface ServiceOptions {
  readonly folder: string;
  readonly modelUrl: string;
  readonly webhookSecret: string;
}

/** Starts the service: `/ask` behind an API key, `/webhooks/payments` behind a signature, `/health` for all. */
export async function startService({ folder, modelUrl, webhookSecret }: ServiceOptions) {
  const keys = new ApiKeys({ store: new FileStore(join(folder, "keys.json")) });
  const identity = { verifier: apiKeyIdentity(keys, AUDIENCE), audience: AUDIENCE };
  const guard = await createGuard(
    {
      rate: { limits: [{ count: 10, periodMs: 60_000 }] }, // tool calls of each caller
      tools: { own: ["orders"], pins: "pins.json", servers: {} },
      policy: { folder: fileURLToPath(new URL("policies", import.meta.url)) },
      audit: { folder: "journal", origin: "example.com/orders/audit/1", key: "ephemeral", anchor: "anchor" },
    },
    { directory: folder, stages: { identity } },
  );
  await guard.gate.verifyTools(tools, "orders");

  const app = fastify();
  await receivePayments(app, webhookSecret, guard.audit);
  await app.register(async (scope) => {
    const { clientAddress } = guard;
    scope.addHook("onRequest", guardFastify({ clientAddress, addressLimit: new RateLimiter(), identity }));
    scope.post<{ Body: { question: string } }>("/ask", async ({ id, body, raw }) =>
      answer({ id, text: body.question, credential: tokenFromHeaders(raw.rawHeaders) }, guard.gate, modelUrl),
    );
  });
  app.get("/health", async (_, reply) => {
    const { ready } = await guard.health();
    return reply.code(ready ? 200 : 503).send({ ready });
  });

  await app.listen({ port: 0, host: "127.0.0.1" });
  const close = async (): Promise<void> => {
    await app.close();
    await guard.close();
    await keys.close();
  };
  return { url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`, keys, close };
}
