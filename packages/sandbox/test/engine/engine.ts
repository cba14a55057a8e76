import { execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** A Docker engine for tests, and the root that its image is made of. */
export interface TestEngine {
  readonly socketPath: string;
  readonly image: string;
  readonly rootfs: string;
}

export const IMAGE = "sandbox-tests";
const GIVEN = "SANDBOX_TEST_ENGINE";
/** Before any test changes where temporary files go. */
const FOLDER = join(tmpdir(), `sandbox-engine-${process.ppid}`);
const NEEDED = ["/usr/sbin/dockerd", "/usr/bin/python3", "/usr/bin/busybox"];
const PATIENCE_MS = 60_000;

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/**
 * The engine that all test files of one test run share, or why there is none. Whoever comes first starts it; it ends
 * with the test run, also with one that is killed.
 */
export async function testEngine(): Promise<TestEngine | string> {
  const given = process.env[GIVEN];
  if (given !== undefined) return JSON.parse(given) as TestEngine | string;
  const found = await shared();
  // For processes that tests start, which belong to somebody else.
  process.env[GIVEN] = JSON.stringify(found);
  return found;
}

async function shared(): Promise<TestEngine | string> {
  if (process.getuid?.() !== 0) return "only root can start a Docker engine";
  const missing = NEEDED.find((path) => !existsSync(path));
  if (missing !== undefined) return `${missing} is not installed`;
  const result = join(FOLDER, "result.json");
  try {
    mkdirSync(FOLDER, { mode: 0o755 });
  } catch {
    return written(result);
  }
  const outcome = await start().catch(
    (error: unknown) => `the Docker engine did not start: ${String(error)}`,
  );
  writeFileSync(`${result}.new`, JSON.stringify(outcome));
  await promisify(execFile)("mv", [`${result}.new`, result]);
  return outcome;
}

async function written(result: string): Promise<TestEngine | string> {
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(100))
    if (existsSync(result)) return JSON.parse(readFileSync(result, "utf8")) as TestEngine | string;
  return "the Docker engine did not start in time";
}

async function start(): Promise<TestEngine> {
  const keeper = spawn(script("./keep-engine.sh"), [String(process.ppid), FOLDER], {
    detached: true,
    stdio: "ignore",
  });
  keeper.unref();
  const rootfs = join(FOLDER, "rootfs");
  await promisify(execFile)(script("./make-rootfs.sh"), [rootfs]);
  const socketPath = join(FOLDER, "engine.sock");
  for (const deadline = Date.now() + PATIENCE_MS; !(await answers(socketPath)); await sleep(100))
    if (Date.now() > deadline) throw new Error(readFileSync(join(FOLDER, "log"), "utf8").slice(-500));
  await importImage(socketPath, rootfs);
  return { socketPath, image: IMAGE, rootfs };
}

export async function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    request({ socketPath, path: "/_ping", agent: false }, (response) => {
      response.resume().on("end", () => resolve(response.statusCode === 200));
    })
      .on("error", () => resolve(false))
      .end();
  });
}

export async function importImage(socketPath: string, rootfs: string): Promise<void> {
  const tar = spawn("tar", ["-C", rootfs, "--numeric-owner", "-c", "."], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise<void>((resolve, reject) => {
    const path = `/images/create?fromSrc=-&repo=${IMAGE}&changes=${encodeURIComponent("WORKDIR /workspace")}`;
    const sent = request({ socketPath, method: "POST", path, agent: false }, (response) => {
      response.resume().on("end", () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`import: ${response.statusCode}`));
      });
    });
    sent.on("error", reject);
    tar.stdout.pipe(sent);
  });
}
