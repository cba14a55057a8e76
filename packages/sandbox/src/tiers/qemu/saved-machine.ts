import { randomBytes } from "node:crypto";
import { chmodSync, closeSync, openSync, unlinkSync, write } from "node:fs";
import { rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHostFolder, hostFolderFailed } from "../../files/host-folders.ts";
import type { UserPool } from "../../process/user-pool.ts";
import { AgentClient } from "../microvm/agent-client.ts";
import type { QemuPlan } from "./qemu-arguments.ts";
import { type StartedQemu, startQemu } from "./qemu-machine.ts";
import { QemuMonitor } from "./qemu-monitor.ts";

/** The state of a machine whose agent waits for its first command, in a file that no folder lists. */
export class SavedMachine {
  readonly #descriptor: number;

  private constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** Boots a machine and saves it. @throws SandboxError as `startQemu`, `SANDBOX_MACHINE_FAILED` */
  static async save(
    users: UserPool,
    plan: Omit<QemuPlan, "state">,
    timeoutMs: number,
  ): Promise<SavedMachine> {
    const path = join(tmpdir(), `sandbox-state-${randomBytes(16).toString("hex")}`);
    const descriptor = openState(path);
    try {
      // Gone with its last descriptor, however this process ends.
      unlinkSync(path);
      const qemu = await startQemu(users, { ...plan, state: "to save" });
      try {
        await new AgentClient(qemu.machine).ready(timeoutMs);
        await saveTo(descriptor, qemu, timeoutMs);
      } finally {
        qemu.machine.kill();
        await qemu.machine.remove();
      }
      return new SavedMachine(descriptor);
    } catch (error) {
      closeSync(descriptor);
      throw hostFolderFailed(error);
    }
  }

  /** A descriptor of its own, at the beginning, for reading. */
  open(): number {
    return openSync(`/proc/self/fd/${this.#descriptor}`, "r");
  }

  forget(): void {
    closeSync(this.#descriptor);
  }
}

function openState(path: string): number {
  try {
    return openSync(path, "wx+", 0o600);
  } catch (cause) {
    throw hostFolderFailed(cause);
  }
}

/** QEMU writes to a socket, which only its user and this one can find. */
async function saveTo(descriptor: number, { monitor, uid }: StartedQemu, timeoutMs: number): Promise<void> {
  const { outer, inner } = createHostFolder(uid);
  const server = createServer();
  const path = join(inner, "state");
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(path, resolve);
    });
    chmodSync(path, 0o666);
    const written = new Promise<void>((resolve, reject) => {
      server.once("connection", (socket: Socket) => {
        server.close();
        receive(socket, descriptor).then(resolve, reject);
      });
    });
    let failure: unknown;
    written.catch((error: unknown) => {
      failure = error;
    });
    await new QemuMonitor(monitor as Socket).migrate(`unix:${path}`, timeoutMs).catch((error: unknown) => {
      // When nobody takes the state any more, QEMU says only that it failed.
      throw failure ?? error;
    });
    await written;
  } finally {
    server.close();
    await rm(outer, { recursive: true, force: true });
  }
}

/** The descriptor stays open, and is the caller's to close. */
async function receive(socket: Socket, descriptor: number): Promise<void> {
  for await (const chunk of socket as AsyncIterable<Uint8Array>)
    for (let at = 0; at < chunk.length; ) at += await writeSome(descriptor, chunk.subarray(at));
}

async function writeSome(descriptor: number, bytes: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    write(descriptor, bytes, (error, count) => (error === null ? resolve(count) : reject(error)));
  });
}
