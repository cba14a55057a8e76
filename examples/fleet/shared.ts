// What every process of the fleet connects to, by the environment: REDIS_URL, DATABASE_URL, and VAULT_ADDR with VAULT_TOKEN_FILE, or
// SECRETS_FILE with SECRETS_KEY where there is no Vault.
import { once } from "node:events";
import type { SecretStore } from "@symbiont/secrets";
import { SecretFile } from "@symbiont/secrets/file";
import { envKey } from "@symbiont/secrets/key-providers/env";
import { credentialFromFile, tokenLogin, VaultClient, vaultStore } from "@symbiont/secrets/vault";
import { Redis } from "ioredis";
import { Pool } from "pg";

/** The engines that hold what the processes share. */
export interface Shared {
  readonly database: Pool;
  readonly redis: Redis;
  readonly secrets: SecretStore;
  close(): Promise<void>;
}

/** Connects. @throws when an engine is not there: a process that cannot share must not start. */
export async function connectShared({ create = false }: { readonly create?: boolean } = {}): Promise<Shared> {
  const { REDIS_URL = "", DATABASE_URL = "" } = process.env;
  const database = new Pool({ connectionString: DATABASE_URL, max: 5 });
  database.on("error", () => undefined); // an idle connection that broke; the next query tells
  const redis = new Redis(REDIS_URL, { enableOfflineQueue: false, lazyConnect: true });
  redis.on("error", () => undefined); // decisions are then made as `SharedRateLimiter` says
  await redis.connect();
  if (redis.status !== "ready") await once(redis, "ready");
  const { store, close } = await openSecrets(create);
  return {
    database,
    redis,
    secrets: store,
    async close() {
      await close();
      redis.disconnect();
      await database.end();
    },
  };
}

async function openSecrets(create: boolean): Promise<{ store: SecretStore; close: () => Promise<void> }> {
  const { VAULT_ADDR, VAULT_TOKEN_FILE = "", SECRETS_FILE = "" } = process.env;
  if (VAULT_ADDR === undefined) {
    const options = { keyProviders: [envKey("SECRETS_KEY")] };
    const file = await (create
      ? SecretFile.create(SECRETS_FILE, options)
      : SecretFile.open(SECRETS_FILE, options));
    return { store: file.store, close: async () => file.close() };
  }
  // In earnest: `appRoleLogin` or `kubernetesLogin`, whose tokens are short-lived and renewed.
  const login = tokenLogin(credentialFromFile(VAULT_TOKEN_FILE, { access: "mounted" }));
  const client = new VaultClient({
    address: VAULT_ADDR,
    login,
    allowInsecure: process.env["VAULT_INSECURE"] === "1",
  });
  return { store: vaultStore(client, { prefix: "fleet" }), close: async () => client.close() };
}
