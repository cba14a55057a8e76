// One process of the fleet. It keeps nothing that the others need: keys and pins are in Postgres, limits in Redis, secrets in Vault.
// Only the journal is its own, because one file has one writer; its records are copied to Postgres, where all are together.
import { createHmac } from "node:crypto";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { guardFastify } from "@symbiont/adapters/fastify";
import { ApiKeys, apiKeyIdentity, tokenFromHeaders } from "@symbiont/api-keys";
import { PostgresStore } from "@symbiont/api-keys/postgres";
import { AuditLog, fileAnchor, Shipper } from "@symbiont/audit";
import { postgresSink } from "@symbiont/audit/sinks/postgres";
import { createGuard } from "@symbiont/core/guard";
import { importPrivateKeyPem } from "@symbiont/keys";
import { ioredisClient, redisStore } from "@symbiont/ratelimit/redis";
import { PostgresPinStore } from "@symbiont/schemapin/postgres";
import fastify from "fastify";
import { connectShared } from "./shared.ts";

const { NAME = "one", DATA = ".", PORT = "0", HOST = "127.0.0.1", LIMIT = "10" } = process.env;
const AUDIENCE = "fleet";
const announce = {
  name: "announce",
  description: "Announces something, signed.",
  inputSchema: {
    type: "object",
    properties: { text: { type: "string" } },
    required: ["text"],
    additionalProperties: false,
  },
};

const { database, redis, secrets, close: disconnect } = await connectShared();

// ── The journal of this process, and its copy in the database.
const folder = join(DATA, NAME);
const audit = await AuditLog.open(join(folder, "journal"), {
  origin: `example.com/fleet/${NAME}/audit/1`,
  key: importPrivateKeyPem((await secrets.get("journal-key")).expose()),
  anchor: fileAnchor(join(folder, "newest-checkpoint")), // in earnest: on another disk
  failureMode: "strict",
});
const shipper = new Shipper({
  directory: join(folder, "journal"),
  trusted: [audit.verifierKey],
  sink: postgresSink(database),
  pollMs: 200,
});
shipper.start();

// ── The guard. What it asks is the same for every process: stores in place of the files of a single one.
const keys = new ApiKeys({ store: new PostgresStore(database), audit });
const identity = { verifier: apiKeyIdentity(keys, AUDIENCE), audience: AUDIENCE };
const hashKey = new Uint8Array(Buffer.from((await secrets.get("limit-key")).expose(), "hex"));
const guard = await createGuard(
  {
    rate: { limits: [{ name: "calls", count: Number(LIMIT), periodMs: 86_400_000 }] },
    tools: { servers: {}, own: ["fleet"] },
    policy: { folder: fileURLToPath(new URL("policies", import.meta.url)) },
  },
  {
    stages: { identity, audit },
    stores: {
      rate: redisStore({ client: ioredisClient(redis), hashKey }),
      toolPins: new PostgresPinStore(database),
    },
  },
);
await guard.gate.verifyTools([announce], "fleet");

const app = fastify();
app.addHook(
  "onRequest",
  guardFastify({ clientAddress: guard.clientAddress, addressLimit: "unlimited", identity }),
);
app.addContentTypeParser("application/json", { parseAs: "string" }, (_, body, done) => done(null, body)); // the gate parses it
app.post<{ Body: string }>("/announce", async (request, reply) => {
  const call = { id: `${NAME}.${request.id}`, server: "fleet", tool: "announce", arguments: request.body };
  const credential = tokenFromHeaders(request.raw.rawHeaders);
  const result = await guard.gate.run({ ...call, credential }, async ({ arguments: { text } }) => {
    const secret = await secrets.get("announce-key"); // as it is now, also after a rotation
    return secret.use((bytes) =>
      createHmac("sha256", bytes)
        .update(text as string)
        .digest("hex")
        .slice(0, 16),
    );
  });
  return reply.code(result.denied ? 403 : 200).send(result);
});
await app.listen({ port: Number(PORT), host: HOST });

async function stop(): Promise<void> {
  await app.close(); // no new calls
  await guard.close(); // those under way are on record
  await audit.checkpoint();
  await shipper.shipOnce().catch(() => undefined); // what is left is shipped after the next start
  await shipper.stop();
  await keys.close();
  await audit.close();
  await disconnect();
}
process.once("SIGTERM", () => void stop());
console.log(`listening on ${(app.server.address() as AddressInfo).port}`);
