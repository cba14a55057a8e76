import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LocalKeyProvider } from "@symbiont/secrets";
import { createFileKey, fileKey, symbiontKeyFile, systemdKey } from "@symbiont/secrets/key-providers/file";
import type { KeyProviderSetup } from "@symbiont/secrets/testing";
import { afterAll } from "vitest";

const SHORT = "too short";
const folder = realpathSync(mkdtempSync(join(tmpdir(), "key-files-")));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function setup(
  name: string,
  content: string | Uint8Array,
  provider: (name: string) => LocalKeyProvider,
): KeyProviderSetup {
  const opened = (suffix: string, written: string | Uint8Array | undefined) => async () => {
    if (written !== undefined) writeFileSync(join(folder, name + suffix), written, { mode: 0o600 });
    return provider(name + suffix);
  };
  return {
    type: "local",
    open: opened("", content),
    openMissing: opened(".missing", undefined),
    openInvalid: opened(".invalid", SHORT),
    secrets: [SHORT],
  };
}

const inFolder = (name: string): LocalKeyProvider => fileKey(join(folder, name));
const binary = Uint8Array.from({ length: 32 }, (_, index) => 255 - index * 7);

export const setups: Readonly<Record<string, KeyProviderSetup>> = {
  "raw key as text": setup("text", `${"ab".repeat(31)}0f\n`, inFolder),
  "raw key as bytes": setup("binary", binary, inFolder),
  passphrase: setup("passphrase", "a walk through the wet grass", inFolder),
  "created key": {
    type: "local",
    open: async () => {
      const path = join(folder, "created");
      return createFileKey(path).catch(() => fileKey(path));
    },
    secrets: [],
  },
  "mounted key": setup("mounted", "a walk through the wet grass", (name) =>
    fileKey(join(folder, name), { access: "mounted" }),
  ),
  "systemd credential": setup("credential", "a walk through the wet grass", (name) => {
    process.env["CREDENTIALS_DIRECTORY"] = folder;
    return systemdKey(name);
  }),
  "Symbiont's key file": setup("master.key", "  a walk through the wet grass\n\n", (name) =>
    symbiontKeyFile({ path: join(folder, name) }),
  ),
};
