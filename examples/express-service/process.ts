// One process of the service: prints its address and a token, and runs until it is stopped.
import { randomUUID } from "node:crypto";
import { startService } from "./main.ts";

const [, , folder = "", redisUrl = "", count = ""] = process.argv;
const service = await startService({
  folder,
  redisUrl,
  limit: { count: Number(count), periodMs: 365 * 86_400_000 },
  webhookSecret: "a secret of the example",
});
const { token } = await service.apiKeys.create({ agents: [randomUUID()] });
process.stdout.write(`${JSON.stringify({ url: service.url, token: token.reveal() })}\n`);
