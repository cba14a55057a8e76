// An agent's HTTP service in Fastify. A caller shows an API key and asks in words; the model proposes tool calls; the gate
// judges each of them as that caller's. Webhooks come in verified, and everything is in one journal.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { signWebhook } from "@symbiont/webhook-verify";
import { stripe } from "@symbiont/webhook-verify/presets/stripe";
import { startModelServer } from "model-server";
import { startService } from "./service.ts";

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
