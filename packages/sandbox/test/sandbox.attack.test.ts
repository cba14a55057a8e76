import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Sandbox, type WarmTier } from "@symbiont/sandbox";
import { attacks, runAttack } from "@symbiont/sandbox/testing";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { tiers } from "./tiers.ts";

const INTERPRETERS = { sh: "/bin/sh", python3: "/usr/bin/python3" } as const;

/** Users and a place of this file's own, so that what is left there was left by its runs. */
const USERS = { first: 210_000, count: 400 };
const folder = mkdtempSync(join(tmpdir(), "attacks-"));
chmodSync(folder, 0o711);
vi.stubEnv("TMPDIR", folder);
vi.stubEnv("CANARY", "CANARY");
afterAll(() => {
  // The census: when all tiers are done, nothing of any run is there.
  expect(leftovers()).toEqual([]);
  rmSync(folder, { recursive: true });
  vi.unstubAllEnvs();
});

const tried = await tiers(USERS);
const held = new Set<string>();

describe.each(tried)("in tier $name", ({ name, tier, why }) => {
  let sandbox: Sandbox;
  beforeAll(() => {
    sandbox = new Sandbox({ tier });
  });
  afterAll(async () => {
    await sandbox.close();
    await (tier as Partial<WarmTier>).close?.();
  });

  const { networkAllow = "none" } = tier.enforcement();
  for (const attack of attacks) {
    const { title, needs, notIn = [] } = attack;
    if (notIn.includes(tier.name) || (needs !== undefined && networkAllow === "none")) continue;
    test.skipIf(why !== "")(`${title}${why}`, async () => {
      expect(await runAttack(sandbox, attack, INTERPRETERS)).toBeUndefined();
      held.add(`${name}: ${title}`);
    });
  }

  test.skipIf(why !== "")(`a sandbox cannot end the run of another${why}`, async () => {
    const victim = sandbox.run({ interpreter: "/bin/sh", code: "sleep 1; echo alive" });
    await sandbox.run({ interpreter: "/bin/sh", code: "sleep 0.3; kill -9 -1; true" });
    expect((await victim).stdout.text()).toBe("alive\n");
  });
});

// With OUTCOMES=write the table is written; else it must be what was seen.
test.skipIf(tried.some(({ why }) => why !== ""))(
  "the README tells what was held where (skipped unless every tier works here)",
  () => {
    const readme = fileURLToPath(new URL("../README.md", import.meta.url));
    const text = readFileSync(readme, "utf8");
    const rows = attacks.map(({ title }) => [
      title,
      ...tried.map(({ name }) => (held.has(`${name}: ${title}`) ? "held" : "–")),
    ]);
    const table = [["Attack", ...tried.map(({ name }) => name)], ["---", ...tried.map(() => "---")], ...rows]
      .map((cells) => `| ${cells.join(" | ")} |`)
      .join("\n");
    const name = tried.some(({ tier }) => tier.name === "qemu") ? "machine outcomes" : "outcomes";
    const place = new RegExp(`(<!-- ${name} -->\\n\\n).*?(\\n\\n<!-- /${name} -->)`, "s");
    const updated = text.replace(place, `$1${table}$2`);
    if (process.env["OUTCOMES"] === "write") writeFileSync(readme, updated);
    else expect(text).toBe(updated);
  },
);

/** Folders that runs have left, and processes of the users that guests have. */
function leftovers(): readonly string[] {
  return [
    ...readdirSync(folder),
    ...readdirSync("/proc").filter((name) => /^\d+$/.test(name) && isGuest(name)),
  ];
}

function isGuest(pid: string): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    const uid = Number(/^Uid:\s+(\d+)/m.exec(status)?.[1]);
    return uid >= USERS.first && uid < USERS.first + USERS.count && !/^State:\s+Z/m.test(status);
  } catch {
    return false;
  }
}
