import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Sandbox } from "@symbiont/sandbox";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { testEngine } from "./engine/engine.ts";
import { keptWarm } from "./kept-warm.ts";
import { processesOf } from "./processes-of.ts";

const USERS = { first: 240_000, count: 160 };
const root = fileURLToPath(new URL("../../../", import.meta.url));
// Before temporary files go elsewhere.
await testEngine();
const folder = mkdtempSync(join(tmpdir(), "warm-"));
chmodSync(folder, 0o711);
beforeAll(() => {
  vi.stubEnv("TMPDIR", folder);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});
const all = await keptWarm(USERS);
const isRoot = process.getuid?.() === 0;

describe.each(all)("in tier $name", ({ name, tier, why, users }) => {
  const sandbox = new Sandbox({ tier });
  afterAll(async () => tier.close());
  /** Only what was kept has it. */
  const place = name.startsWith("gvisor") ? "/sys" : "/dev";
  const waitForOne = async (): Promise<void> => {
    await sandbox.exec(["/bin/sh", "-c", "true"]);
    await sleep(500);
  };

  test.skipIf(why !== "")(`a command gets what it is given, as when nothing is kept${why}`, async () => {
    await waitForOne();
    const odd = ["", " ", "a\nb", "é", "-n", "x".repeat(131_000)];
    const code = [
      "import sys, os, json, hashlib",
      "files = {n: oct(os.stat(n).st_mode & 0o777) for n in ['main', 'a/b', 'a/c/d']}",
      "content = hashlib.sha256(open('a/c/d', 'rb').read()).hexdigest()",
      `print(json.dumps([sys.argv[1:], os.environ['NAME'], os.getcwd(), sys.stdin.read(), files, content, 'wait' in os.listdir('${place}'), len(os.environ)]))`,
    ].join("\n");
    const files = { main: code, "a/b": "", "a/c/d": new Uint8Array(3_000_000).fill(5) };
    const given = { files, env: { NAME: "a=b\nc" }, stdin: "input" };
    const argv = ["/usr/bin/python3", "main", ...odd] as const;
    const { stdout, stderr, status } = await sandbox.exec(argv, given);
    expect([status, stderr.text()]).toEqual(["exited", ""]);
    const [args, variable, cwd, input, modes, content, isKept, variables] = JSON.parse(
      stdout.text(),
    ) as unknown[];
    expect([args, variable, cwd, input, isKept, variables]).toEqual([
      odd,
      "a=b\nc",
      "/workspace",
      "input",
      true,
      5,
    ]);
    expect(modes).toEqual({ main: "0o644", "a/b": "0o644", "a/c/d": "0o644" });
    expect(content).toBe(createHash("sha256").update(files["a/c/d"]).digest("hex"));
  });

  test.skipIf(why !== "")(`each is used once, and holds nothing of the run before${why}`, async () => {
    for (let run = 0; run < 3; run += 1) {
      await waitForOne();
      const code = `ls ${place} | grep -c wait; ls -A; ls -A /tmp; echo x >left; echo x >/tmp/left`;
      expect((await sandbox.exec(["/bin/sh", "-c", code])).stdout.text()).toBe("1\n");
    }
  });

  test.skipIf(why !== "")(`a run with other limits gets them, not those of what was kept${why}`, async () => {
    await waitForOne();
    const limits = { openFiles: 99 };
    expect((await sandbox.exec(["/bin/sh", "-c", "ulimit -n"], { limits })).stdout.text()).toBe("99\n");
    expect((await sandbox.exec(["/bin/sh", "-c", "ulimit -n"])).stdout.text()).toBe("256\n");
  });

  test.skipIf(why !== "")(
    `what does not fit what is kept is started anew, and fails as it would${why}`,
    async () => {
      await waitForOne();
      await expect(sandbox.exec(["/no/such"])).rejects.toMatchObject({ code: "SANDBOX_SPAWN_FAILED" });
      const files = { big: new Uint8Array(65 * 1024 * 1024) };
      const outcome = await sandbox
        .exec(["/bin/true"], { files })
        .catch((error: { code?: string }) => error.code);
      // Never a program that was started, and found nothing.
      expect(["SANDBOX_SPAWN_FAILED", "SANDBOX_CAPACITY", "SANDBOX_FILE_REFUSED"]).toContain(outcome);
      expect(await sandbox.exec(["/bin/true"])).toMatchObject({ status: "exited", exitCode: 0 });
    },
  );

  test.skipIf(why !== "" || !isRoot)(`one that is gone when its run comes is passed over${why}`, async () => {
    await waitForOne();
    for (const pid of processesOf(users)) {
      try {
        process.kill(Number(pid), "SIGKILL");
      } catch {
        // It has ended with another.
      }
    }
    await sleep(300);
    expect(await sandbox.exec(["/bin/sh", "-c", "exit 4"])).toMatchObject({ status: "exited", exitCode: 4 });
  });

  test.skipIf(why !== "" || !isRoot)(`nothing is kept once the tier is closed${why}`, async () => {
    await waitForOne();
    expect(processesOf(users).length).toBeGreaterThan(0);
    await tier.close();
    expect(processesOf(users)).toEqual([]);
    expect((await sandbox.exec(["/bin/sh", "-c", "exit 3"])).exitCode).toBe(3);
    expect(processesOf(users)).toEqual([]);
  });
});

describe("a host that is killed", () => {
  const usable = all.filter(({ why }) => why === "").map(({ name }) => name);
  afterEach(() => expect(readdirSync(folder)).toEqual([]));

  test.skipIf(!isRoot || usable.length === 0)(
    "takes what it has kept with it, and the next run clears away the rest (skipped unless root runs a tier)",
    async () => {
      const users = { first: 241_000, count: 160 };
      const child = "packages/sandbox/test/fixtures/children/warm-host.ts";
      const args = ["-C", "@symbiont/source", "--import", "./scripts/ts.mjs", child];
      const host = spawn(process.execPath, [...args, String(users.first), String(users.count)], {
        cwd: root,
        stdio: ["ignore", "pipe", "inherit"],
      });
      const [names] = (await once(createInterface({ input: host.stdout }), "line")) as [string];
      expect(JSON.parse(names)).toEqual(usable);
      expect(processesOf(users).length).toBeGreaterThan(usable.length);
      expect(readdirSync(folder).length).toBeGreaterThan(0);
      host.kill("SIGKILL");
      await once(host, "exit");
      for (let tries = 0; tries < 50 && processesOf(users).length > 0; tries += 1) await sleep(100);
      expect(processesOf(users)).toEqual([]);
      for (const { tier } of await keptWarm(users)) {
        await new Sandbox({ tier }).exec(["/bin/sh", "-c", "true"], { files: { a: "" } });
        await tier.close();
      }
    },
    60_000,
  );
});
