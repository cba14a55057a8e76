import { createServer } from "node:net";
import { join } from "node:path";
import { createKeychainKey, keychainKey } from "@symbiont/secrets/key-providers/keychain";
import type { KeyProviderSetup } from "@symbiont/secrets/testing";
import { afterAll } from "vitest";
import { type KeyringSession, noKeyring, startSession } from "../keyring-session.ts";

export const skip: string = noKeyring;

const SHORT = "too short";
const coordinates = { service: "contract", account: "test" };
let session: KeyringSession | undefined;

afterAll(async () => session?.remove());

async function entered(): Promise<KeyringSession> {
  if (session !== undefined) {
    session.enter();
    return session;
  }
  session = await startSession();
  session.enter();
  await session.startKeyring();
  await createKeychainKey(coordinates);
  return session;
}

export const setups: Readonly<Record<string, KeyProviderSetup>> = {
  "Secret Service": {
    type: "local",
    open: async () => {
      await entered();
      return keychainKey(coordinates);
    },
    openMissing: async () => {
      await entered();
      return keychainKey({ service: "contract", account: "nobody" });
    },
    openInvalid: async () => {
      const attributes = ["service", "contract", "username", "short"];
      (await entered()).run("secret-tool", ["store", "--label=short", ...attributes], SHORT);
      return keychainKey({ service: "contract", account: "short" });
    },
    openSilent: async () => {
      const path = join((await entered()).env["XDG_RUNTIME_DIR"] as string, `silent-${Math.random()}`);
      const silent = createServer(() => undefined).listen(path);
      await new Promise((resolve) => silent.once("listening", resolve));
      silent.unref();
      process.env["DBUS_SESSION_BUS_ADDRESS"] = `unix:path=${path}`;
      return keychainKey(coordinates, { timeoutMs: 20 });
    },
    secrets: [SHORT],
  },
};
