import { randomBytes } from "node:crypto";
import type { LocalKeyProvider } from "@symbiont/secrets";
import { vaultKvKey } from "@symbiont/secrets/key-providers/vault-kv";
import type { KeyProviderSetup } from "@symbiont/secrets/testing";
import { tokenLogin, VaultClient } from "@symbiont/secrets/vault";
import { afterAll } from "vitest";
import { FakeVault } from "../servers/fake-vault.ts";

const TOKEN = "hvs.token-of-the-contract";
const SHORT = "too short";
const server = await FakeVault.start();
server.tokens.issue(TOKEN, 0);
server.kv.put("key", { value: randomBytes(32).toString("base64") });
server.kv.put("phrase", { value: "a walk through the wet grass" });
server.kv.put("short", { value: SHORT });
server.next("GET secret/data/silent", "silence", Number.POSITIVE_INFINITY);
afterAll(() => server.close());

async function at(path: string): Promise<LocalKeyProvider> {
  const login = tokenLogin(() => TOKEN);
  return vaultKvKey(
    new VaultClient({ address: server.address, login, deadlineMs: path === "silent" ? 300 : 20_000 }),
    { path },
  );
}

const rest = {
  type: "local",
  openMissing: () => at("none"),
  openInvalid: () => at("short"),
  openSilent: () => at("silent"),
  secrets: [SHORT, TOKEN],
} as const;

export const setups: Readonly<Record<string, KeyProviderSetup>> = {
  "raw key": { ...rest, open: () => at("key") },
  passphrase: { ...rest, open: () => at("phrase") },
};
