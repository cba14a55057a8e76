import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { findTool } from "../../src/process/find-tool.ts";

/** What stands for a machine: a process namespace with a daemon in it. */
export interface TestMachine {
  readonly socketPath: string;
  kill(): Promise<void>;
}

/** Guests of each machine are somebody of their own: a limit of processes counts all that a user has on this host. */
const FIRST_UID = 400_000;
const UIDS = 100_000;
let made = 0;
const ENVD = fileURLToPath(new URL("envd.mjs", import.meta.url));

/** Undefined where machines can be made: their daemon is another user than their guests. */
export function whyNoMachines(): string | undefined {
  if (process.getuid?.() !== 0) return "the machines of the contract server are made by root";
  const tried = spawnSync(findTool("bwrap") ?? "", [
    "--ro-bind",
    "/",
    "/",
    "--unshare-pid",
    "--",
    "/usr/bin/true",
  ]);
  return tried.status === 0 ? undefined : "bubblewrap is not installed or does not work";
}

/** Everything in it ends with {@link TestMachine.kill}, and with this process. */
export async function startMachine(): Promise<TestMachine> {
  const folder = mkdtempSync(join(tmpdir(), "e2b-machine-"));
  made += 1;
  const uid = FIRST_UID + ((process.pid * 64 + made) % UIDS);
  copyFileSync(ENVD, join(folder, "envd.mjs"));
  writeFileSync(
    join(folder, "passwd"),
    `root:x:0:0::/root:/bin/sh\nuser:x:${uid}:${uid}::/home/user:/bin/sh\n`,
  );
  const links = ["bin", "lib", "lib64", "sbin"].flatMap((name) => ["--symlink", `usr/${name}`, `/${name}`]);
  const powers = ["CHOWN", "DAC_OVERRIDE", "KILL", "SETUID", "SETGID"].flatMap((name) => [
    "--cap-add",
    `CAP_${name}`,
  ]);
  const world =
    "--unshare-pid --unshare-ipc --unshare-net --die-with-parent --new-session --clearenv --proc /proc --dev /dev --tmpfs /tmp --chmod 1777 /tmp --ro-bind /usr /usr";
  const args = [
    ...world.split(" "),
    ...links,
    "--cap-drop",
    "ALL",
    ...powers,
    "--ro-bind",
    process.execPath,
    "/node",
    ...`--bind ${folder} /run/machine --ro-bind ${join(folder, "passwd")} /etc/passwd`.split(" "),
    ..."--chdir / -- /node /run/machine/envd.mjs /run/machine/envd.sock".split(" "),
    String(uid),
  ];
  const child = spawn(findTool("bwrap") ?? "", args, {
    stdio: ["ignore", "inherit", "inherit"],
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
  });
  const socketPath = join(folder, "envd.sock");
  // The socket is there a moment before anybody listens.
  for (let tries = 0; !(await isListening(socketPath)); tries += 1) {
    if (child.exitCode !== null || tries > 1_000) throw new Error("the machine did not begin");
    await sleep(10);
  }
  return { socketPath, kill: async () => end(child, folder) };
}

async function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

async function end(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill("SIGKILL");
    await once(child, "exit");
  }
  rmSync(folder, { recursive: true, force: true });
}
