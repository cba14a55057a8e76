import { type ExecFileSyncOptions, execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { forwarderProgram } from "../src/network/forwarder.ts";
import { hasForwarder } from "../src/network/has-forwarder.ts";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const source = at("../src/network/forwarder-programs.ts");
const why = hasForwarder() ? "" : ` (skipped: there is none for ${process.arch})`;
const skip = why !== "";

const folder = mkdtempSync(join(tmpdir(), "forwarder-"));
const program = join(folder, "forward");
const socketPath = join(folder, "proxy");
/** Says back what it hears, to its end. */
const echo = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket));
beforeAll(async () => {
  if (!skip) writeFileSync(program, forwarderProgram(), { mode: 0o755 });
  await new Promise<void>((resolve) => {
    echo.listen(socketPath, resolve);
  });
});
afterAll(() => {
  echo.close();
  rmSync(folder, { recursive: true });
});

/** One that nobody listens at. */
async function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { readonly port: number };
      server.close(() => resolve(port));
    });
  });
}

test.skipIf(skip)(`becomes the program, with its arguments, streams and exit code${why}`, async () => {
  const options: ExecFileSyncOptions = { env: { PATH: "/nonexistent:/usr/bin:/bin" }, input: "in" };
  const run = async (...argv: string[]): Promise<readonly unknown[]> => {
    const { status, stdout } = spawnSync(program, [socketPath, String(await freePort()), ...argv], options);
    return [status, stdout.toString()];
  };
  try {
    expect(await run("sh", "-c", 'cat; echo " $0 $1"; exit 7', "a b", "")).toEqual([7, "in a b \n"]);
    expect(await run("/bin/echo", "x")).toEqual([0, "x\n"]);
    expect(await run("nowhere")).toEqual([127, ""]);
    expect(await run("/etc/passwd")).toEqual([126, ""]);
    // Whatever it has left behind is nobody's child.
    expect(
      await run("python3", "-c", "import os\ntry: os.wait()\nexcept ChildProcessError: print('none')"),
    ).toEqual([0, "none\n"]);
  } finally {
    endForwarders();
  }
});

test.skipIf(skip)(`carries many connections at once, whole, and passes on their ends${why}`, async () => {
  const port = await freePort();
  execFileSync(program, [socketPath, String(port), "/bin/true"]);
  try {
    const bytes = randomBytes(500_000);
    const rounds = Array.from({ length: 100 }, async () => {
      const socket: Socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
      socket.end(bytes);
      const chunks: Uint8Array[] = [];
      for await (const chunk of socket) chunks.push(chunk as Uint8Array);
      return Buffer.concat(chunks).equals(bytes);
    });
    expect(new Set(await Promise.all(rounds))).toEqual(new Set([true]));
  } finally {
    endForwarders();
  }
});

/** Outside of a sandbox nothing else ends them. */
function endForwarders(): void {
  const all = spawnSync("sh", ["-c", "grep -l . /proc/[0-9]*/cmdline 2>/dev/null"], {
    encoding: "utf8",
  }).stdout;
  for (const path of all.trim().split("\n"))
    try {
      if (readFileSync(path, "latin1").startsWith(`${program}\0`))
        process.kill(Number(path.split("/")[2]), "SIGKILL");
    } catch {
      // It has ended.
    }
}

/** Another compiler makes another program of the same source. */
function otherCompiler(): string | undefined {
  const wanted = /with ([\d.]+) of GCC/.exec(readFileSync(source, "utf8"))?.[1];
  for (const compiler of ["gcc", "aarch64-linux-gnu-gcc"]) {
    const { stdout, error } = spawnSync(compiler, ["-dumpfullversion"], { encoding: "utf8" });
    if (error !== undefined) return `${compiler} is not installed`;
    if (stdout.trim() !== wanted) return `${compiler} is not version ${wanted}`;
  }
  return undefined;
}

const other = otherCompiler();
test.skipIf(other !== undefined)(
  `is what its source is built to${other === undefined ? "" : ` (skipped: ${other})`}`,
  () => {
    execFileSync(at("../guest/forwarder/build.sh"), [folder, folder]);
    const programs = (path: string): readonly string[] =>
      readFileSync(path, "utf8").match(/"[^"]{20,}"/g) ?? [];
    for (const path of [source, at("../src/warm/waiter-programs.ts")]) {
      const built = programs(join(folder, basename(path)));
      expect(built.length).toBeGreaterThan(0);
      expect(programs(path)).toEqual(built);
    }
  },
);
