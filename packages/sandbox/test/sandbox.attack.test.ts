import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { Sandbox } from "@symbiont/sandbox";
import { attacks } from "@symbiont/sandbox/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tiers } from "./tiers.ts";

const INTERPRETERS = { sh: "/bin/sh", python3: "/usr/bin/python3" } as const;

process.env["CANARY"] = "CANARY";
afterAll(() => {
  delete process.env["CANARY"];
});

describe.each(await tiers())("in tier $name", ({ tier, why }) => {
  let sandbox: Sandbox;
  let before: number;
  beforeAll(() => {
    sandbox = new Sandbox({ tier });
    before = leftovers();
  });
  afterAll(async () => {
    await sandbox.close();
    expect(leftovers()).toBe(before);
  });

  for (const { title, language, code, options, judge, notIn = [] } of attacks) {
    if (notIn.includes(tier.name)) continue;
    test.skipIf(why !== "")(`${title}${why}`, async () => {
      const result = await sandbox.run({ ...options, interpreter: INTERPRETERS[language], code });
      expect(judge(result)).toBeUndefined();
      expect(result.survivors).toBe(0);
    });
  }

  test.skipIf(why !== "")(`a sandbox cannot end the run of another${why}`, async () => {
    const victim = sandbox.run({ interpreter: "/bin/sh", code: "sleep 1; echo alive" });
    await sandbox.run({ interpreter: "/bin/sh", code: "sleep 0.3; kill -9 -1; true" });
    expect((await victim).stdout.text()).toBe("alive\n");
  });
});

/** Folders that runs have left, and processes of the users that guests have. */
function leftovers(): number {
  const folders = readdirSync(tmpdir()).filter((name) => name.startsWith("sandbox-")).length;
  const processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && isGuest(name)).length;
  return folders + processes;
}

function isGuest(pid: string): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    return /^Uid:\s+200\d{3}\b/m.test(status) && !/^State:\s+Z/m.test(status);
  } catch {
    return false;
  }
}
