// Starts Redis, Postgres and Vault, two processes of the service on them, and shows what is shared.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { ApiKeys } from "@symbiont/api-keys";
import { PostgresStore } from "@symbiont/api-keys/postgres";
import { missing, noVault, startServers } from "./servers.ts";
import { connectShared } from "./shared.ts";

const LIMIT = 20;

/** Runs another file of this folder, the way this one was run. */
function run(file: string, loader: readonly string[], env: Readonly<Record<string, string>>): ChildProcess {
  const script = fileURLToPath(new URL(file, import.meta.url));
  return spawn(process.execPath, [...loader, script], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
}

export async function main(
  say: (line: string) => void,
  loader: readonly string[] = process.execArgv,
): Promise<void> {
  if (missing !== undefined) return say(`skipped: ${missing}`);
  if (noVault !== undefined) say(`skipped: ${noVault}; an encrypted file takes its place`);
  const folder = mkdtempSync(join(tmpdir(), "fleet-"));
  chmodSync(folder, 0o755); // Postgres runs as a user of its own
  const data = join(folder, "data");
  mkdirSync(data, { mode: 0o700 });
  const servers = await startServers(folder);
  const children: ChildProcess[] = [];
  try {
    const setup = run("setup.ts", loader, servers.env);
    const [code] = (await once(setup, "exit")) as [number];
    if (code !== 0) throw new Error("setup failed");

    const start = async (name: string): Promise<{ url: string; child: ChildProcess }> => {
      mkdirSync(join(data, name), { mode: 0o700, recursive: true });
      const child = run("service.ts", loader, {
        ...servers.env,
        NAME: name,
        DATA: data,
        LIMIT: String(LIMIT),
      });
      children.push(child);
      for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream }))
        return { url: `http://127.0.0.1:${line.replace("listening on ", "")}/announce`, child };
      throw new Error(`${name} did not start`);
    };
    const [one, two] = await Promise.all([start("one"), start("two")]);
    say("two processes are up");

    Object.assign(process.env, servers.env);
    const { database, secrets, close } = await connectShared();
    const keys = new ApiKeys({ store: new PostgresStore(database) });
    const issued = await keys.create({ agents: ["announcer"] });
    const token = issued.token.reveal();
    const announce = async (url: string, text: string): Promise<string> => {
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ text }) });
      const { value, code: refused } = (await response.json()) as { value?: string; code?: string };
      return value ?? refused ?? String(response.status);
    };

    const first = await announce(one.url, "tea is ready");
    say(
      `one key and one secret, alike in both: ${/^[0-9a-f]{16}$/.test(first) && first === (await announce(two.url, "tea is ready"))}`,
    );
    await secrets.rotate("announce-key", () => "a newer key", { graceMs: 0 });
    const next = await announce(one.url, "tea is ready");
    say(
      `rotated, and in force in both at once: ${next !== first && next === (await announce(two.url, "tea is ready"))}`,
    );
    const burst = await Promise.all(
      Array.from({ length: 60 }, async (_, index) => announce(index % 2 === 0 ? one.url : two.url, "x")),
    );
    say(
      `4 calls and then 60 at a limit of ${LIMIT}: ${burst.filter((code) => code !== "GATE_RATE_LIMITED").length} more let through`,
    );

    two.child.kill("SIGKILL"); // as a machine that is gone
    await once(two.child, "exit");
    say(`one process killed; the other answers: ${await announce(one.url, "still here")}`);
    await start("two");
    say("and it is back, on its own journal");
    await keys.revoke(issued.key.keyId, "lost");
    say(`key revoked: ${await announce(one.url, "x")}`);

    const ends = children
      .filter(({ signalCode }) => signalCode === null)
      .map(async (child) => {
        const exit = once(child, "exit");
        child.kill("SIGTERM");
        await exit;
      });
    await Promise.all(ends);
    const { rows } = await database.query(
      "select origin, count(*)::int as n from audit_records group by origin order by origin",
    );
    say(
      `records in one table, of ${(rows as { origin: string; n: number }[]).map(({ origin, n }) => `${origin.split("/")[2]}: ${n > 4 ? "all" : n}`).join(", ")}`,
    );
    await keys.close();
    await close();
  } finally {
    for (const child of children) child.kill("SIGKILL");
    await servers.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(console.log);
