import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const LIMIT = 2_000;
const SECONDS = 10;
const available = (command: string): boolean => spawnSync(command, ["--version"]).error === undefined;
const missing = ["redis-server", "wrk"].filter((command) => !available(command));
const title = "two processes under load let exactly the limit through";

test.skipIf(missing.length > 0)(
  missing.length === 0 ? title : `${title} (skipped: ${missing.join(" and ")} not on PATH)`,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "shared-limit-"));
    const children: ChildProcess[] = [];
    try {
      const port = await freePort();
      children.push(
        spawn("redis-server", ["--port", String(port), "--bind", "127.0.0.1", "--save", ""], {
          stdio: "ignore",
        }),
      );
      await answers(port);
      const services = await Promise.all(
        ["one", "two"].map(async (name) => {
          mkdirSync(join(folder, name), { mode: 0o700 });
          const child = startProcess(join(folder, name), `redis://127.0.0.1:${port}`);
          children.push(child);
          const [line] = (await once(child.stdout as NonNullable<typeof child.stdout>, "data")) as [Buffer];
          return JSON.parse(line.toString()) as { url: string; token: string };
        }),
      );
      const reports = await Promise.all(services.map(async ({ url, token }) => load(`${url}/whoami`, token)));
      const requests = reports.reduce((sum, report) => sum + report.requests, 0);
      const refused = reports.reduce((sum, report) => sum + report.refused, 0);
      // A request that wrk cut off at the end was counted by the limiter and by nobody else.
      expect(requests).toBeGreaterThan(LIMIT * 2);
      expect(requests - refused).toBe(LIMIT);
    } finally {
      for (const child of children) child.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

function startProcess(folder: string, redisUrl: string): ChildProcess {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const loader = ["-C", "@symbiont/source", "--import", join(root, "scripts/ts.mjs")];
  const script = fileURLToPath(new URL("process.ts", import.meta.url));
  return spawn(process.execPath, [...loader, script, folder, redisUrl, String(LIMIT)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** Ten seconds of requests, and how many of them were refused with 429. */
async function load(url: string, token: string): Promise<{ requests: number; refused: number }> {
  const flags = ["-t1", "-c16", `-d${SECONDS}s`, "-H", `Authorization: Bearer ${token}`, url];
  const wrk = spawn("wrk", flags, { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  wrk.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  await once(wrk, "close");
  const requests = Number(/(\d+) requests in/.exec(output)?.[1]);
  const refused = Number(/Non-2xx or 3xx responses: (\d+)/.exec(output)?.[1] ?? 0);
  return { requests, refused };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function answers(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    const open = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    socket.destroy();
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
