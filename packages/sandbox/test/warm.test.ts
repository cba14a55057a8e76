import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { dockerTier, Sandbox } from "@symbiont/sandbox";
import { afterAll, expect, test } from "vitest";
import { isOnThisHost } from "../src/process/end-user-at-once.ts";
import { testEngine } from "./engine/engine.ts";

const engine = await testEngine();
const why = typeof engine === "string" ? ` (skipped: ${engine})` : "";
const place = typeof engine === "string" ? { image: "none", socketPath: "/none" } : engine;
const tier = dockerTier({ image: place.image, socketPath: place.socketPath, warm: 1 });
const sandbox = new Sandbox({ tier });
afterAll(async () => {
  await sandbox.close();
  await tier.close();
});

const mark = async (limits = {}): Promise<string> => {
  const { stdout } = await sandbox.exec(
    ["sh", "-c", "cut -d ' ' -f 22 /proc/1/stat; ls; echo x > left; echo x > /tmp/left; ls /tmp"],
    { limits },
  );
  return stdout.text();
};

test.skipIf(why !== "")(
  `a container that was kept is used once, and holds nothing of the run before${why}`,
  async () => {
    const seen = new Set<string>();
    for (let run = 0; run < 4; run += 1) {
      const said = await mark();
      expect(said.trim().endsWith("left")).toBe(true);
      expect(said.match(/left/g)).toHaveLength(1);
      expect(seen.has(said)).toBe(false);
      seen.add(said);
    }
  },
);

test.skipIf(why !== "")(`a run with other limits gets them, not those of what was kept${why}`, async () => {
  await mark();
  const few = await sandbox.exec(["sh", "-c", "ulimit -n; ulimit -f"], { limits: { openFiles: 99 } });
  expect(few.stdout.text().split("\n")[0]).toBe("99");
  expect((await sandbox.exec(["sh", "-c", "ulimit -n"])).stdout.text()).toBe("256\n");
});

test.skipIf(why !== "")(`a guest cannot end what keeps its container${why}`, async () => {
  await mark();
  const { status, stdout } = await sandbox.exec([
    "sh",
    "-c",
    "kill -9 1 $(pgrep sh); kill -9 -1; echo alive",
  ]);
  expect([status, stdout.text()]).toEqual(["exited", "alive\n"]);
});

test.skipIf(why !== "" || process.getuid?.() !== 0)(
  `nothing of a run goes on when its result is there, whatever it has left behind${why}`,
  async () => {
    await mark();
    await sleep(1_500);
    const seconds = String(300_000 + process.pid);
    const chain = 'f() { (setsid sh -c "$1" >/dev/null 2>&1 &) }';
    const code = `${chain}; f 'sleep ${seconds}'; f 'while :; do (sleep ${seconds} & exec true); done'; sleep 0.3`;
    const { status, survivors } = await sandbox.exec(["sh", "-c", code]);
    const left = readdirSync("/proc").filter((pid) => commandOf(pid).startsWith(`sleep\0${seconds}\0`));
    expect([status, survivors, left]).toEqual(["exited", 0, []]);
  },
);

test("a container whose processes cannot be seen here is not taken for one of this host", () => {
  const id = "0".repeat(64);
  for (const pid of [0, -1, Number.NaN, process.pid, 4_000_000]) expect(isOnThisHost(id, pid)).toBe(false);
});

test.skipIf(why !== "")(`nothing is kept once the tier is closed${why}`, async () => {
  const other = dockerTier({ image: place.image, socketPath: place.socketPath, warm: 2 });
  await new Sandbox({ tier: other }).exec(["true"]);
  await other.close();
  const again = await new Sandbox({ tier: other }).exec(["sh", "-c", "exit 3"]);
  expect(again.exitCode).toBe(3);
  await other.close();
});

/** Of a process that has not ended. */
function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1");
  } catch {
    return "";
  }
}
