import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findTool } from "../../src/process/find-tool.ts";
import { answers, IMAGE, importImage } from "./engine.ts";

const PATIENCE_MS = 60_000;

/** A Docker engine that a test may stop, freeze and kill. It is asked to end when the test's process does. */
export class OwnEngine {
  readonly socketPath: string;
  readonly image: string = IMAGE;
  readonly #folder = mkdtempSync(join(tmpdir(), "own-engine-"));
  #child: ChildProcess | undefined;

  private constructor() {
    this.socketPath = join(this.#folder, "engine.sock");
  }

  static async start(rootfs: string): Promise<OwnEngine> {
    const engine = new OwnEngine();
    await engine.run();
    await importImage(engine.socketPath, rootfs);
    return engine;
  }

  /** Starts it, again. */
  async run(): Promise<void> {
    const at = (name: string): string => join(this.#folder, name);
    // Of one that was killed: the numbers may still belong to processes that have ended and wait to be reaped.
    for (const stale of ["pid", "exec/containerd/containerd.pid"]) rmSync(at(stale), { force: true });
    const own = ["--data-root", at("data"), "--exec-root", at("exec"), "--pidfile", at("pid")];
    const none = ["--bridge", "none", "--iptables=false", "--ip6tables=false", "--ip-masq=false"];
    const args = [
      "--pdeathsig",
      "TERM",
      "--",
      "dockerd",
      "--host",
      `unix://${this.socketPath}`,
      ...own,
      ...none,
    ];
    this.#child = spawn(findTool("setpriv") as string, args, {
      stdio: "ignore",
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
    });
    for (const deadline = Date.now() + PATIENCE_MS; !(await answers(this.socketPath)); await sleep(100))
      if (Date.now() > deadline) throw new Error("the engine did not start in time");
  }

  freeze(): void {
    this.#child?.kill("SIGSTOP");
  }

  thaw(): void {
    this.#child?.kill("SIGCONT");
  }

  /** Resolves when it has ended. */
  async end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }

  async remove(): Promise<void> {
    this.thaw();
    await this.end("SIGTERM");
    for (const pid of readdirSync("/proc").filter((name) => this.#isOwn(name)))
      process.kill(Number(pid), "SIGKILL");
    const mounts = readFileSync("/proc/mounts", "utf8").split("\n");
    const inside = mounts
      .map((line) => line.split(" ")[1] ?? "")
      .filter((path) => path.startsWith(this.#folder));
    for (const path of inside.toSorted().toReversed()) execFileSync("umount", ["-l", path]);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Whether a process is a part of this engine: all of them name its folder. */
  #isOwn(pid: string): boolean {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(this.#folder);
    } catch {
      return false;
    }
  }
}
