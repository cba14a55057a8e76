import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

const cache = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
const servers = process.env["SYMBIONT_TEST_SERVERS"] ?? join(cache, "symbiont-test-servers");
const binary = join(servers, "opa-1.22.2", "opa");

/** Part of a test title that says why it does not run; empty when it does. */
export const noOpa: string = existsSync(binary)
  ? ""
  : " (skipped: opa is not built; run packages/policy/test/servers/build-opa.sh)";

/** A real server with one policy, on a free port of the loopback. */
export async function startOpa(
  rego: string,
): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), "policy-opa-"));
  writeFileSync(join(folder, "policy.rego"), rego);
  const port = await freePort();
  const args = ["run", "--server", "--addr", `127.0.0.1:${port}`, "--log-level", "error", "policy.rego"];
  const child = spawn(binary, args, { cwd: folder, stdio: "ignore" });
  const url = `http://127.0.0.1:${port}`;
  for (const deadline = Date.now() + 30_000; ; ) {
    const isReady = await fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) break;
    if (child.exitCode !== null || Date.now() > deadline) throw new Error("the OPA server did not start");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    url,
    stop: async () => {
      const exit = once(child, "exit");
      child.kill("SIGKILL");
      await exit;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Compiles one policy to WebAssembly. */
export function buildWasm(rego: string): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), "policy-opa-wasm-"));
  try {
    writeFileSync(join(folder, "policy.rego"), rego);
    const build = ["build", "-t", "wasm", "-e", "symbiont/main/allow", "-o", "bundle.tar.gz", "policy.rego"];
    execFileSync(binary, build, { cwd: folder, stdio: "ignore" });
    execFileSync("tar", ["xzf", "bundle.tar.gz", "/policy.wasm"], { cwd: folder, stdio: "ignore" });
    return new Uint8Array(readFileSync(join(folder, "policy.wasm")));
  } finally {
    rmSync(folder, { recursive: true, force: true });
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
