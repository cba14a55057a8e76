import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

export const ROOT_TOKEN = "dev-root-token";
const cache = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
const built = join(
  process.env["SYMBIONT_TEST_SERVERS"] ?? join(cache, "symbiont-test-servers"),
  "vault-1.21.4",
  "vault",
);

/** The server to test against: OpenBao or Vault on PATH, or the one that `build-vault.sh` has made. */
const binary = ["bao", "vault", built].find((candidate) =>
  candidate === built ? existsSync(built) : spawnSync(candidate, ["version"]).status === 0,
);

/** Part of a test title that says why it does not run; empty when it does. */
export const noVault: string =
  binary === undefined
    ? " (skipped: neither bao nor vault on PATH, nor built by packages/secrets/test/servers/build-vault.sh)"
    : "";

// Ends the server when its standard input ends: a test worker that is killed takes the server along.
const WATCHDOG = '"$@" </dev/null & server=$!; read -r _; kill -9 "$server"';

/** A real server in dev mode, of this test, on a free port of the loopback. */
export class VaultServer {
  readonly address: string;
  readonly #child: ChildProcess;
  readonly #home: string;

  private constructor(address: string, child: ChildProcess, home: string) {
    this.address = address;
    this.#child = child;
    this.#home = home;
  }

  static async start(): Promise<VaultServer> {
    const port = await freePort();
    const home = mkdtempSync(join(tmpdir(), "secrets-vault-"));
    const child = spawn(
      "sh",
      [
        "-c",
        WATCHDOG,
        "sh",
        binary as string,
        "server",
        "-dev",
        "-dev-no-store-token",
        `-dev-root-token-id=${ROOT_TOKEN}`,
        `-dev-listen-address=127.0.0.1:${port}`,
      ],
      {
        cwd: home,
        env: { HOME: home, PATH: process.env["PATH"] ?? "" },
        stdio: ["pipe", "ignore", "ignore"],
      },
    );
    const server = new VaultServer(`http://127.0.0.1:${port}`, child, home);
    for (const deadline = Date.now() + 60_000; !(await server.#isReady()); ) {
      if (Date.now() > deadline) {
        await server.close();
        throw new Error("the Vault server did not start");
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return server;
  }

  /** Does something as the administrator. */
  async admin(
    method: string,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<any> {
    const response = await fetch(`${this.address}/v1/${path}`, {
      method,
      headers: { "x-vault-token": ROOT_TOKEN, ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  }

  async close(): Promise<void> {
    const exit = once(this.#child, "exit");
    this.#child.stdin?.end();
    await exit;
    rmSync(this.#home, { recursive: true, force: true });
  }

  /** Not only up: the KV engine of the dev server is mounted, and upgraded to version 2, a moment later. */
  async #isReady(): Promise<boolean> {
    return this.admin("LIST", "secret/metadata").then(
      () => true,
      (error: unknown) => String(error).includes(`404 {"errors":[]}`),
    );
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return address.port;
}
