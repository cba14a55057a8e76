// An agent's HTTP service: who calls is known, how often is limited over all processes, what comes in is recorded.
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
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

/** Starts the service and uses it as its clients would. */
export async function main(say: (line: string) => void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "express-service-"));
  const webhookSecret = "a secret of the example";
  const service = await startService({ folder, limit: { count: 4, periodMs: 60_000 }, webhookSecret });
  const whoami = async (token: string): Promise<string> => {
    const response = await fetch(`${service.url}/whoami`, { headers: { authorization: `Bearer ${token}` } });
    if (!response.ok) return String(response.status);
    return ((await response.json()) as { principal: { id: string } }).principal.id;
  };
  const { token, key } = await service.apiKeys.create({ agents: ["agent-7"] });
  const secret = token.reveal(); // shown once
  say(`with the key: ${await whoami(secret)}`);
  say(`without one: ${await whoami("nothing")}`);
  await service.apiKeys.revoke(key.keyId, "lost");
  say(`revoked: ${await whoami(secret)}`);
  await whoami(secret);
  say(`too often from one address: ${await whoami(secret)}`);

  const body = '{"action":"opened"}';
  const sign = (by: string): string => `sha256=${createHmac("sha256", by).update(body).digest("hex")}`;
  const deliver = async (signature: string): Promise<number> => {
    const headers = { "x-hub-signature-256": signature };
    return (await fetch(`${service.url}/webhooks/github`, { method: "POST", body, headers })).status;
  };
  say(`webhook: ${await deliver(sign(webhookSecret))}; forged: ${await deliver(sign("another"))}`);
  await service.close();
  rmSync(folder, { recursive: true, force: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(console.log);
