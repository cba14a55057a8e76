import { isPlainPath } from "../../policy/guest-files.ts";
import { invalid } from "../../sandbox-error.ts";
import type { WarmOne } from "../../warm/warm-pool.ts";
import type { Workspace } from "../tier.ts";
import type { AgentClient } from "./agent-client.ts";
import type { Machine } from "./machine.ts";

/** A machine that several runs share, and the files in it. */
export class MicrovmWorkspace implements Workspace, WarmOne {
  readonly machine: Machine;
  readonly client: AgentClient;
  #hasEnded = false;

  constructor(machine: Machine, client: AgentClient) {
    this.machine = machine;
    this.client = client;
    void this.#watch();
  }

  async #watch(): Promise<void> {
    await this.machine.ended;
    this.#hasEnded = true;
  }

  /** Whether the machine is still there. */
  get isUsable(): boolean {
    return !this.#hasEnded;
  }

  /** As `close`, for a machine that nobody has used. */
  async discard(): Promise<void> {
    await this.close().catch(() => undefined);
  }

  /** @throws SandboxError `SANDBOX_INVALID_ARGUMENT` for a workspace that was made elsewhere. */
  static of(workspace: Workspace | undefined): MicrovmWorkspace | undefined {
    if (workspace === undefined || workspace instanceof MicrovmWorkspace) return workspace;
    return invalid("workspace must be of this tier");
  }

  async readFile(path: string, maxBytes: number): Promise<Uint8Array> {
    if (!isPlainPath(path)) invalid("path must be a plain relative one");
    return this.client.readFile(path, maxBytes);
  }

  async writeFile(path: string, content: Uint8Array): Promise<void> {
    if (!isPlainPath(path)) invalid("path must be a plain relative one");
    await this.client.writeFile(path, content);
  }

  async close(): Promise<void> {
    this.machine.kill();
    await this.machine.remove();
  }
}
