import { createHmac, randomUUID } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { verifyJournal } from "@symbiont/audit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Service, startService } from "./main.ts";

const webhookSecret = "a secret of the example";
let folder: string;
let service: Service;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "express-service-"));
  service = await startService({ folder, limit: { count: 5, periodMs: 3_600_000 }, webhookSecret });
});
afterEach(async () => {
  await service.close();
  rmSync(folder, { recursive: true, force: true });
});

const whoami = async (token: string) =>
  fetch(`${service.url}/whoami`, { headers: { authorization: `Bearer ${token}` } });

test("a key works until it is revoked, and the limit holds for everybody at the address", async () => {
  const agent = randomUUID();
  const { token, key } = await service.apiKeys.create({ agents: [agent] });
  const secret = token.reveal();
  const first = await whoami(secret);
  expect(first.status).toBe(200);
  expect(await first.json()).toMatchObject({ principal: { kind: "agent", id: agent } });

  await service.apiKeys.revoke(key.keyId, "test");
  expect((await whoami(secret)).status).toBe(401);
  expect((await whoami("ak_nobody.nothing")).status).toBe(401);
  expect((await whoami("x")).status).toBe(401);
  expect((await whoami("y")).status).toBe(401);
  const limited = await whoami(secret);
  expect(limited.status).toBe(429);
  expect(limited.headers.get("retry-after")).not.toBeNull();
});

test("a key file that others may read is the service's fault, not the caller's", async () => {
  const { token } = await service.apiKeys.create({ agents: [randomUUID()] });
  const secret = token.reveal();
  chmodSync(join(folder, "keys.json"), 0o644);
  expect((await whoami(secret)).status).toBe(503);
  chmodSync(join(folder, "keys.json"), 0o600);
  expect((await whoami(secret)).status).toBe(200);
});

test("a genuine webhook is recorded, a forged one refused, and the journal proves it", async () => {
  const body = '{"action": "opened"}';
  const signature = `sha256=${createHmac("sha256", webhookSecret).update(body).digest("hex")}`;
  const deliver = async (header: string) =>
    fetch(`${service.url}/webhooks/github`, {
      method: "POST",
      body,
      headers: { "x-hub-signature-256": header },
    });
  expect((await deliver(signature)).status).toBe(204);
  expect((await deliver(signature.replace(/.$/, "0"))).status).toBe(401);
  const records = service.journal.size;
  await service.journal.close();
  const report = await verifyJournal(join(folder, "journal"), { trusted: [service.journal.verifierKey] });
  expect(report.records).toBe(records + 1);
});
