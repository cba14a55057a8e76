import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ApiKeys, apiKeyIdentity } from "@symbiont/api-keys";
import { FileStore } from "@symbiont/api-keys/file";
import { createGuard } from "@symbiont/core/guard";
import { connectBackends } from "./backends.ts";
import { openDoor } from "./door.ts";
import { lockOf, type Servers } from "./servers.ts";

const AUDIENCE = "https://gateway.example.com/";

/** A running gateway. */
export interface Gateway {
  readonly url: string;
  readonly keys: ApiKeys;
  close(): Promise<void>;
}

/** Starts the gateway in front of servers that were approved. The keys are known at the door and again at the gate. */
export async function startGateway(folder: string, servers: Servers): Promise<Gateway> {
  const keys = new ApiKeys({ store: new FileStore(join(folder, "keys.json")) });
  const identity = { verifier: apiKeyIdentity(keys, AUDIENCE), audience: AUDIENCE };
  const guard = await createGuard(
    {
      rate: { limits: [{ count: 20, periodMs: 60_000 }] }, // for each key by itself
      tools: {
        pins: "pins.json",
        servers: Object.fromEntries(
          [...servers.keys()].map((id) => [id, { domain: `${id}.example.com`, lock: lockOf(id) }]),
        ),
      },
      policy: { folder: fileURLToPath(new URL("policies", import.meta.url)) },
      audit: { folder: "journal", origin: "example.com/gateway/audit/1", key: "ephemeral", anchor: "anchor" },
    },
    { directory: folder, stages: { identity } },
  );
  const backends = await connectBackends(servers, guard.gate);
  const door = await openDoor(backends, identity);
  return {
    url: door.url,
    keys,
    async close() {
      door.close();
      await backends.close();
      await guard.close();
      await keys.close();
    },
  };
}
