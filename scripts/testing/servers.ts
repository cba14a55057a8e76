import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A server of the test's own, on a free port of the loopback. */
export interface TestServer {
  readonly port: number;
  /** Ends the process; the data stays. */
  stop(): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
  /** Stops it and removes everything. */
  remove(): Promise<void>;
}

const postgresBin = findPostgres();
const redisBin = ["/usr/bin/redis-server", "/usr/local/bin/redis-server"].find((path) => existsSync(path));

/** Part of a test title that says why it does not run; empty when it does. */
export const noPostgres: string = postgresBin === undefined ? " (skipped: no postgresql installed)" : "";
export const noRedis: string = redisBin === undefined ? " (skipped: no redis-server installed)" : "";

export async function startPostgres(): Promise<TestServer> {
  const bin = postgresBin as string;
  const user = unprivileged();
  const folder = mkdtempSync(join(tmpdir(), "test-postgres-"));
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, "data");
  const options = { ...user, cwd: folder, stdio: "ignore" } as const;
  execFileSync(join(bin, "initdb"), ["-D", data, "-U", "test", "-A", "trust", "-N", "-E", "UTF8"], options);
  const port = await freePort();
  const settings = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "fsync=off",
    "timezone=Asia/Kolkata",
  ];
  const args = ["-D", data, "-p", String(port), ...settings.flatMap((setting) => ["-c", setting])];
  const run = (): ChildProcess => spawn(join(bin, "postgres"), args, options);
  const ready = async (): Promise<boolean> => {
    try {
      execFileSync(join(bin, "pg_isready"), ["-h", "127.0.0.1", "-p", String(port), "-q"], options);
      return true;
    } catch {
      return false;
    }
  };
  return serve({ port, folder, run, ready, signal: "SIGINT" });
}

export async function startRedis(settings: readonly string[] = ["--save", ""]): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), "test-redis-"));
  const port = await freePort();
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, ...settings];
  const run = (): ChildProcess => spawn(redisBin as string, args, { stdio: "ignore" });
  return serve({ port, folder, run, ready: () => answersPing(port), signal: "SIGKILL" });
}

async function serve(server: {
  readonly port: number;
  readonly folder: string;
  readonly run: () => ChildProcess;
  readonly ready: () => Promise<boolean>;
  readonly signal: NodeJS.Signals;
}): Promise<TestServer> {
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const started = server.run();
    child = started;
    for (const deadline = Date.now() + 30_000; !(await server.ready()); ) {
      if (started.exitCode !== null || Date.now() > deadline) throw new Error("the server did not start");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const stop = async (): Promise<void> => {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const exit = once(running, "exit");
    running.kill(server.signal);
    await exit;
  };
  await start();
  return {
    port: server.port,
    start,
    stop,
    async remove() {
      await stop();
      rmSync(server.folder, { recursive: true, force: true });
    },
  };
}

/** No client: every package has its own, or none. */
async function answersPing(port: number): Promise<boolean> {
  const socket = connect({ port, host: "127.0.0.1", timeout: 1_000 });
  socket.on("timeout", () => socket.destroy(new Error("no answer")));
  try {
    socket.write("PING\r\n");
    const [answer] = (await once(socket, "data")) as [Buffer];
    return answer.toString("latin1").startsWith("+PONG");
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Postgres refuses to run as root. */
function unprivileged(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string): number => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

function findPostgres(): string | undefined {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => join(root, version, "bin")).find((bin) => existsSync(join(bin, "initdb")));
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}
