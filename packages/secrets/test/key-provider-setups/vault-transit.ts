import type { WrappingKeyProvider } from "@symbiont/secrets";
import { vaultTransitKey } from "@symbiont/secrets/key-providers/vault-transit";
import type { KeyProviderSetup } from "@symbiont/secrets/testing";
import { tokenLogin, VaultClient } from "@symbiont/secrets/vault";
import { afterAll } from "vitest";
import { damagedCiphertext } from "../servers/fake-transit.ts";
import { FakeVault } from "../servers/fake-vault.ts";

const TOKEN = "hvs.token-of-the-contract";
const servers: FakeVault[] = [];
afterAll(() => Promise.all(servers.map((server) => server.close())));

async function start(): Promise<FakeVault> {
  const server = await FakeVault.start();
  servers.push(server);
  server.tokens.issue(TOKEN, 0);
  server.transit.make("agents");
  return server;
}

const able = await start();
const silent = await start();
silent.next("POST transit/decrypt", "silence", Number.POSITIVE_INFINITY);

async function of(server: FakeVault): Promise<WrappingKeyProvider> {
  const login = tokenLogin(() => TOKEN);
  return vaultTransitKey(
    new VaultClient({ address: server.address, login, deadlineMs: server === silent ? 300 : 20_000 }),
    { key: "agents" },
  );
}

export const setups: Readonly<Record<string, KeyProviderSetup>> = {
  "a transit engine": {
    type: "wrapping",
    open: () => of(able),
    openSilent: () => of(silent),
    damage: damagedCiphertext,
    secrets: [TOKEN],
  },
};
