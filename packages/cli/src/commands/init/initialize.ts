import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createGuard, DEFAULT_CONFIG_FILE, type GuardConfig } from "@symbiont/core/guard";
import { exportPrivateKeyPem, generateKeyPair } from "@symbiont/keys";
import type { Answer, Task } from "../../program/task.ts";
import { UsageError } from "../../program/usage-error.ts";
import { writeNew } from "../../program/write-file.ts";
import { CASES, POLICY } from "./templates.ts";

/** `init`: writes nothing where one of the files is already there, and ends with a start that worked. */
export async function initialize(
  {
    agent,
    origin,
    withSecrets,
  }: { readonly agent: string; readonly origin: string; readonly withSecrets?: boolean },
  _: Task,
  folder = ".",
): Promise<Answer> {
  const config = configOf(agent, origin, withSecrets === true);
  const files: [string, string, number][] = [
    [DEFAULT_CONFIG_FILE, `${JSON.stringify(config, undefined, 2)}\n`, 0o644],
    ["policies/agent.symbi", POLICY, 0o644],
    ["policies.test.json", `${JSON.stringify(CASES, undefined, 2)}\n`, 0o644],
    [".symbiont/audit-key.pem", exportPrivateKeyPem(generateKeyPair("Ed25519").privateKey), 0o600],
    [".symbiont/.gitignore", "*\n", 0o644],
  ];
  const taken = files.map(([name]) => name).filter((name) => existsSync(join(folder, name)));
  if (taken.length > 0)
    throw new UsageError(
      `nothing was written: ${taken.join(", ")} ${taken.length === 1 ? "exists" : "exist"} already`,
    );
  await mkdir(join(folder, "policies"), { recursive: true });
  await mkdir(join(folder, ".symbiont", "anchor"), { recursive: true, mode: 0o700 });
  for (const [name, content, mode] of files) await writeNew(join(folder, name), content, mode);
  if (withSecrets === true) await makeSecrets(folder);
  const guard = await createGuard(config, { directory: folder, env: {} });
  await guard.close();
  return {
    data: { files: files.map(([name]) => name) },
    lines: [
      ...files.map(([name]) => ["ok", join(folder, name)] as const),
      "",
      "A guard opens with these files. Next:",
      "  symbiont policy test policies policies.test.json    what the rules say",
      "  symbiont schemapin lock tools.json --server ID      approve the tools of a server",
      "  symbiont doctor                                     what is safe here, and what is not",
      "",
      '  import { createGuardFromEnv } from "@symbiont/core/guard";',
      "  const guard = await createGuardFromEnv();",
    ],
  };
}

function configOf(agent: string, origin: string, withSecrets: boolean): GuardConfig {
  return {
    identity: { fixed: { kind: "agent", id: agent } },
    rate: { limits: [{ name: "default", count: 100, periodMs: 60_000 }] },
    tools: { enforcement: "strict", pins: ".symbiont/pins.json", servers: {} },
    policy: { folder: "policies" },
    audit: {
      folder: ".symbiont/journal",
      origin,
      key: ".symbiont/audit-key.pem",
      anchor: ".symbiont/anchor/newest-checkpoint",
      failureMode: "strict",
    },
    ...(withSecrets && {
      secrets: { file: ".symbiont/secrets.enc", key: { file: ".symbiont/secrets.key" } },
    }),
  };
}

async function makeSecrets(folder: string): Promise<void> {
  const [{ createFileKey }, { SecretFile }] = await Promise.all([
    import("@symbiont/secrets/key-providers/file"),
    import("@symbiont/secrets/file"),
  ]);
  const key = await createFileKey(join(folder, ".symbiont/secrets.key"));
  const file = await SecretFile.create(join(folder, ".symbiont/secrets.enc"), { keyProviders: [key] });
  await file.close();
}
