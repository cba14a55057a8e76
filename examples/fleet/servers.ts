// Redis, Postgres and Vault of this example's own, from the programs that are installed. `compose.yaml` is the same from images.
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";

/** The environment of the processes, and how to end the servers. */
export interface Servers {
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

const postgresRoot = "/usr/lib/postgresql";
const postgres = (existsSync(postgresRoot) ? readdirSync(postgresRoot) : [])
  .map((version) => join(postgresRoot, version, "bin"))
  .find((bin) => existsSync(join(bin, "initdb")));
const built = join(
  process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"),
  "symbiont-test-servers/vault-1.21.4/vault",
);
const runs = (program: string): boolean => spawnSync(program, ["--version"]).status === 0;
const vault = ["bao", "vault", built].find(runs);

/** Why the example cannot run here, or nothing. */
export const missing: string | undefined =
  postgres === undefined
    ? "no postgresql installed"
    : runs("redis-server")
      ? undefined
      : "no redis-server installed";
/** Why Vault is not part of it, or nothing. */
export const noVault: string | undefined =
  vault === undefined ? "neither bao nor vault is installed" : undefined;

/** Starts them in a folder, on free ports of this machine. */
export async function startServers(folder: string): Promise<Servers> {
  const children: ChildProcess[] = [];
  const start = async (
    port: number,
    command: string,
    words: string[],
    options: object = {},
  ): Promise<void> => {
    const child = spawn(command, words, { cwd: folder, stdio: "ignore", ...options });
    children.push(child);
    await answers(port, child);
  };
  const stop = async (): Promise<void> => {
    const ends = children.map(async (child) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, "exit");
      child.kill("SIGINT");
      await exit;
    });
    await Promise.all(ends);
  };
  try {
    const redisPort = await freePort();
    await start(redisPort, "redis-server", ["--port", `${redisPort}`, "--bind", "127.0.0.1", "--save", ""]);
    const postgresPort = await freePort();
    const user = unprivileged(); // Postgres refuses to run as root
    const data = join(folder, "postgres");
    mkdirSync(data);
    if (user !== undefined) chownSync(data, user.uid, user.gid);
    const options = { ...user, cwd: data, stdio: "ignore" } as const;
    execFileSync(
      join(postgres ?? "", "initdb"),
      ["-D", data, "-U", "fleet", "-A", "trust", "-N", "-E", "UTF8"],
      options,
    );
    const settings = ["-p", `${postgresPort}`, "-h", "127.0.0.1", "-k", ""];
    await start(postgresPort, join(postgres ?? "", "postgres"), ["-D", data, ...settings], options);
    const env = {
      REDIS_URL: `redis://127.0.0.1:${redisPort}`,
      DATABASE_URL: `postgres://fleet@127.0.0.1:${postgresPort}/postgres`,
    };
    await connects(env.DATABASE_URL);
    if (vault === undefined)
      return {
        env: { ...env, SECRETS_FILE: join(folder, "secrets"), SECRETS_KEY: "0123456789abcdef".repeat(4) },
        stop,
      };
    const vaultPort = await freePort();
    const tokenFile = join(folder, "vault-token");
    writeFileSync(tokenFile, "a-token-of-the-example", { mode: 0o600 });
    const words = ["server", "-dev", "-dev-no-store-token", "-dev-root-token-id=a-token-of-the-example"];
    await start(vaultPort, vault, [...words, `-dev-listen-address=127.0.0.1:${vaultPort}`], {
      env: { HOME: folder, PATH: process.env["PATH"] ?? "" },
    });
    return {
      env: { ...env, VAULT_ADDR: `http://127.0.0.1:${vaultPort}`, VAULT_TOKEN_FILE: tokenFile },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Waits until somebody listens. */
async function answers(port: number, child: ChildProcess): Promise<void> {
  const { connect } = await import("node:net");
  for (const deadline = Date.now() + 60_000; ; ) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => resolve(true)).once("error", () => resolve(false));
      socket.once("close", () => undefined).unref();
      socket.once("connect", () => socket.destroy());
    });
    if (open) return;
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`${child.spawnfile} did not start`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Waits until Postgres takes connections, which is later than listening. */
async function connects(url: string): Promise<void> {
  const { Client } = await import("pg");
  for (const deadline = Date.now() + 30_000; ; ) {
    const client = new Client(url);
    try {
      await client.connect();
      return await client.end();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

function unprivileged(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string): number => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
