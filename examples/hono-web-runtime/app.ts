// The service itself: nothing in it, and in what it uses, needs Node. `export default` is what a worker runtime wants.
import { addressOf, eventOf, guardHono, principalOf, webhookHono } from "@symbiont/adapters/hono";
import { AgentPinVerifier, agentPinIdentity, StaticDocuments } from "@symbiont/agentpin";
import { Gate } from "@symbiont/core";
import type { AuditRecord } from "@symbiont/kit";
import { compilePolicies, createDecisionPoint, parsePolicies } from "@symbiont/policy";
import { createArgumentChecker } from "@symbiont/policy/arguments";
import { RateLimiter } from "@symbiont/ratelimit";
import { MemoryPinStore, OwnTools, SchemaPinToolVerifier } from "@symbiont/schemapin";
import { createWebhookVerifier } from "@symbiont/webhook-verify";
import { github } from "@symbiont/webhook-verify/presets/github";
import { type Context, Hono } from "hono";

/** What the runtime binds. */
export interface Env {
  readonly AUDIENCE: string;
  readonly ISSUER: string;
  /** The issuer's AgentPin documents. In earnest: fetched from its domain, and kept for their `max-age`. */
  readonly DISCOVERY: string;
  readonly REVOCATION: string;
  readonly POLICY: string;
  readonly WEBHOOK_SECRET: string;
}

const tool = {
  name: "add_ticket",
  description: "Adds a ticket.",
  inputSchema: {
    type: "object",
    properties: { title: { type: "string", maxLength: 100 }, priority: { enum: ["low", "high"] } },
    required: ["title", "priority"],
    additionalProperties: false,
  },
};

async function createApp(env: Env): Promise<Hono> {
  const tickets: string[] = [];
  const records: AuditRecord[] = []; // in earnest: a sink that posts to your log, and rejects when it cannot
  const documents = new StaticDocuments([
    { issuer: env.ISSUER, discovery: JSON.parse(env.DISCOVERY), revocation: JSON.parse(env.REVOCATION) },
  ]);
  const verifier = agentPinIdentity(
    new AgentPinVerifier({ audience: env.AUDIENCE, trust: { issuers: [env.ISSUER] }, documents }),
  );
  const identity = { verifier, audience: env.AUDIENCE };
  const servers = new SchemaPinToolVerifier({
    servers: new Map(),
    pins: new MemoryPinStore(),
    mode: "strict",
  });
  const gate = new Gate({
    identity,
    rate: new RateLimiter({ limits: [{ count: 5, periodMs: 60_000 }] }),
    tools: new OwnTools(["desk"], servers),
    arguments: createArgumentChecker(),
    policy: createDecisionPoint(compilePolicies([parsePolicies(env.POLICY)])),
    audit: { append: async (record) => ({ sequence: records.push(record) - 1 }) },
  });
  await gate.verifyTools([tool], "desk");

  const app = new Hono();
  const deliveries = createWebhookVerifier(github, { secrets: [env.WEBHOOK_SECRET] });
  app.post("/webhooks/github", webhookHono(deliveries), (context) => {
    const { action } = eventOf(context.req.raw, deliveries)?.json() as { action: string };
    return context.text(`issue ${action}`);
  });
  app.use(
    guardHono({
      // The platform says where a request comes from; nobody else can set this header there.
      peer: (context: Context) => context.req.header("cf-connecting-ip"),
      clientAddress: (peer) => ({ ip: peer, key: peer }),
      addressLimit: new RateLimiter({ limits: [{ count: 100, periodMs: 60_000 }] }),
      identity: { ...identity, scheme: "AgentPin" },
    }),
  );
  app.post("/tools/:tool", async (context) => {
    const result = await gate.run(
      {
        id: crypto.randomUUID(),
        server: "desk",
        tool: context.req.param("tool"),
        arguments: await context.req.text(), // as it came: the gate parses it, strictly
        credential: (context.req.header("authorization") ?? "").replace(/^AgentPin /, ""),
      },
      ({ arguments: { title } }) => `ticket ${tickets.push(title as string)}`,
    );
    return context.json(result, result.denied ? 403 : 200);
  });
  app.get("/records", (context) => context.json(records.map(({ type, outcome }) => `${type} ${outcome}`)));
  app.get("/whoami", (context) =>
    context.json([principalOf(context.req.raw)?.id, addressOf(context.req.raw)]),
  );
  return app;
}

let app: Promise<Hono> | undefined;

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    app ??= createApp(env);
    return (await app).fetch(request, env);
  },
};
