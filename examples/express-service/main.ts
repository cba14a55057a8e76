// An agent's HTTP service: who calls is known, how often is limited over all processes, what comes in is recorded.
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { eventOf, guardExpress, principalOf, webhookExpress } from "@symbiont/adapters/express";
import { ApiKeys, apiKeyIdentity } from "@symbiont/api-keys";
import { FileStore } from "@symbiont/api-keys/file";
import { Journal } from "@symbiont/audit";
import { generateKeyPair } from "@symbiont/keys";
import { createClientAddress } from "@symbiont/net";
import { RateLimiter, SharedRateLimiter } from "@symbiont/ratelimit";
import { ioredisClient, redisStore } from "@symbiont/ratelimit/redis";
import { createWebhookVerifier } from "@symbiont/webhook-verify";
import { github } from "@symbiont/webhook-verify/presets/github";
import express from "express";
import { Redis } from "ioredis";

/** What the service is told. */
export interface ServiceOptions {
  /** Private folder for keys and journal. */
  readonly folder: string;
  /** Where all processes count together; without it each counts by itself. */
  readonly redisUrl?: string;
  /** Calls that one address may make in `periodMs`. */
  readonly limit: { readonly count: number; readonly periodMs: number };
  readonly webhookSecret: string;
}

/** A running service. */
export interface Service {
  readonly url: string;
  readonly apiKeys: ApiKeys;
  readonly journal: Journal;
  close(): Promise<void>;
}

export async function startService({
  folder,
  redisUrl,
  limit,
  webhookSecret,
}: ServiceOptions): Promise<Service> {
  const journal = await Journal.open(join(folder, "journal"), {
    origin: `example.com/service/audit/${process.pid}`,
    key: generateKeyPair("Ed25519").privateKey, // in earnest: kept in a key store
    anchor: () => undefined, // in earnest: another disk, another host, your log
  });
  const apiKeys = new ApiKeys({ store: new FileStore(join(folder, "keys.json")), audit: journal });
  const redis = redisUrl === undefined ? undefined : new Redis(redisUrl, { enableOfflineQueue: false });
  if (redis !== undefined) await once(redis, "ready");
  const limits = [{ name: "address", ...limit }];
  const addressLimit =
    redis === undefined
      ? new RateLimiter({ limits })
      : new SharedRateLimiter({
          limits,
          store: redisStore({ client: ioredisClient(redis), plainKeys: true }),
        });

  const app = express();
  const deliveries = createWebhookVerifier(github, { secrets: [webhookSecret] });
  app.post("/webhooks/github", webhookExpress(deliveries), async (request, response) => {
    const event = eventOf(request, deliveries);
    await journal.append({
      type: "webhook.accept",
      outcome: "success",
      actor: { kind: "service", id: event?.preset ?? "unknown" },
    });
    response.status(204).end();
  });
  app.use(
    guardExpress({
      clientAddress: createClientAddress(),
      addressLimit,
      identity: { verifier: apiKeyIdentity(apiKeys, "express-service"), audience: "express-service" },
    }),
  );
  app.get("/whoami", (request, response) => {
    response.json({ principal: principalOf(request) });
  });

  const server: Server = createServer(app).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    apiKeys,
    journal,
    async close() {
      server.closeAllConnections();
      server.close();
      redis?.disconnect();
      await journal.close();
    },
  };
}
