import { randomUUID } from "node:crypto";
import { type RunResult, SandboxSession, type SessionOptions } from "@symbiont/sandbox";
import { unsupportedInSandbox } from "../../../adapter-error.ts";
import { endNote, inShell, NO_EXIT_CODE, WORKSPACE } from "../../../host/guest-command.ts";
import { NewestOutput } from "../../../host/newest-output.ts";

/** How a command is run. */
export interface MastraCommandOptions {
  /** Milliseconds; 0 and absent for that of the session. */
  readonly timeout?: number;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly onStdout?: (data: string) => void;
  readonly onStderr?: (data: string) => void;
  readonly abortSignal?: AbortSignal;
  readonly maxRetainedBytes?: number;
}

/** What a command did, as Mastra reads it. */
export interface MastraCommandResult {
  readonly success: boolean;
  /** -1 of a command that did not exit by itself. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly executionTimeMs: number;
  readonly timedOut: boolean;
  readonly killed: boolean;
  readonly stdoutTruncated: boolean;
  readonly stderrTruncated: boolean;
  readonly stdoutDroppedBytes: number;
  readonly stderrDroppedBytes: number;
  readonly command: string;
  readonly args: string[];
}

/** The sandbox of a Mastra workspace, version 1, by its members. */
export interface MastraSandbox {
  readonly id: string;
  readonly name: string;
  readonly provider: string;
  status: "pending" | "starting" | "running" | "destroying" | "destroyed" | "error";
  error?: string;
  start(): Promise<void>;
  destroy(): Promise<void>;
  /** Does nothing: there are no checkpoints. */
  snapshot(): Promise<void>;
  getInfo(): {
    id: string;
    name: string;
    provider: string;
    status: MastraSandbox["status"];
    createdAt: Date;
    metadata: Record<string, unknown>;
  };
  getInstructions(): string;
  executeCommand(
    command: string,
    args?: string[],
    options?: MastraCommandOptions,
  ): Promise<MastraCommandResult>;
  writeFiles(
    files: readonly {
      readonly path: string;
      readonly content: string | Uint8Array;
      readonly mode?: number;
    }[],
    options?: { readonly abortSignal?: AbortSignal },
  ): Promise<void>;
}

const RETAINED_BYTES = 1024 * 1024;
const MAX_RETAINED_BYTES = 64 * RETAINED_BYTES;

/**
 * A session as the sandbox of a Mastra workspace. It is opened at the first use, and its commands are read by the
 * guest's `/bin/sh`, one at a time. Background processes, mounts and ports are not offered: a run ends with its first
 * process.
 *
 * @see https://mastra.ai/docs/workspace/sandbox
 */
export function workspaceSandbox(options: SessionOptions): MastraSandbox {
  return new SessionSandbox(options);
}

class SessionSandbox implements MastraSandbox {
  readonly id = `sandbox-${randomUUID()}`;
  readonly name: string;
  readonly provider = "symbiont";
  status: MastraSandbox["status"] = "pending";
  error?: string;
  readonly #options: SessionOptions;
  readonly #createdAt = new Date();
  #session: Promise<SandboxSession> | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.name = options.tier.name;
  }

  async start(): Promise<void> {
    await this.#open();
  }

  async destroy(): Promise<void> {
    const session = this.#session;
    this.status = "destroying";
    await (await session?.catch(() => undefined))?.close();
    this.status = "destroyed";
  }

  async snapshot(): Promise<void> {
    // What this does is said where it is declared.
  }

  getInfo(): ReturnType<MastraSandbox["getInfo"]> {
    const { id, name, provider, status } = this;
    const { isolation } = this.#options.tier;
    return { id, name, provider, status, createdAt: this.#createdAt, metadata: { isolation } };
  }

  getInstructions(): string {
    return `Commands run in an isolated sandbox without network, by /bin/sh. Only files below ${WORKSPACE} can be written; they last as long as the sandbox. Processes end with the command that started them.`;
  }

  async executeCommand(
    command: string,
    args: string[] = [],
    options: MastraCommandOptions = {},
  ): Promise<MastraCommandResult> {
    const {
      timeout = 0,
      env = {},
      cwd = WORKSPACE,
      abortSignal,
      maxRetainedBytes = RETAINED_BYTES,
    } = options;
    const session = await this.#open();
    const most = Math.min(maxRetainedBytes, MAX_RETAINED_BYTES);
    const kept = { stdout: new NewestOutput(most), stderr: new NewestOutput(most) };
    const tell = { stdout: teller(options.onStdout), stderr: teller(options.onStderr) };
    // Arguments reach the shell as they are: nothing is quoted.
    const given = args.length === 0 ? [] : ["sh", ...args];
    const argv = [...inShell(args.length === 0 ? command : `${command} "$@"`, cwd), ...given];
    const defined = Object.entries(env).filter(([, value]) => value !== undefined) as [string, string][];
    const result = await session.exec(argv, {
      env: Object.fromEntries(defined),
      ...(timeout > 0 ? { wallMs: Math.ceil(timeout) } : {}),
      ...(abortSignal === undefined ? {} : { signal: abortSignal }),
      onOutput: ({ stream, data }) => {
        kept[stream].push(data);
        tell[stream](data);
      },
    });
    const exitCode = result.status === "exited" ? (result.exitCode ?? NO_EXIT_CODE) : NO_EXIT_CODE;
    return {
      success: exitCode === 0,
      exitCode,
      stdout: kept.stdout.text(),
      stderr: kept.stderr.text() + endNote(result),
      executionTimeMs: result.usage.wallMs,
      timedOut: isTimeout(result),
      killed: result.status !== "exited",
      stdoutTruncated: kept.stdout.droppedBytes > 0,
      stderrTruncated: kept.stderr.droppedBytes > 0,
      stdoutDroppedBytes: kept.stdout.droppedBytes,
      stderrDroppedBytes: kept.stderr.droppedBytes,
      command,
      args,
    };
  }

  async writeFiles(
    files: readonly {
      readonly path: string;
      readonly content: string | Uint8Array;
      readonly mode?: number;
    }[],
    { abortSignal }: { readonly abortSignal?: AbortSignal } = {},
  ): Promise<void> {
    if (files.some(({ mode }) => mode !== undefined)) throw unsupportedInSandbox("modes of files");
    const session = await this.#open();
    for (const { path, content } of files) {
      abortSignal?.throwIfAborted();
      const inside = path.startsWith(`${WORKSPACE}/`) ? path.slice(WORKSPACE.length + 1) : path;
      await session.writeFile(
        inside,
        typeof content === "string" ? new TextEncoder().encode(content) : content,
      );
    }
  }

  async #open(): Promise<SandboxSession> {
    if (this.status === "destroying" || this.status === "destroyed")
      throw unsupportedInSandbox("commands after it was destroyed");
    if (this.#session !== undefined) return this.#session;
    this.status = "starting";
    this.#session = SandboxSession.open(this.#options);
    try {
      const session = await this.#session;
      this.status = "running";
      delete this.error;
      return session;
    } catch (error) {
      // The next command tries again.
      this.#session = undefined;
      this.status = "error";
      this.error = (error as Error).message;
      throw error;
    }
  }
}

/** Text for a listener, in whole characters. What it throws must not end the run. */
function teller(listener: ((data: string) => void) | undefined): (data: Uint8Array) => void {
  const decoder = new TextDecoder();
  return (data) => {
    const text = listener === undefined ? "" : decoder.decode(data, { stream: true });
    if (text === "") return;
    try {
      listener?.(text);
    } catch {
      // Nobody else's business.
    }
  };
}

function isTimeout({ status }: RunResult): boolean {
  return status === "timeout" || status === "idle-timeout";
}
