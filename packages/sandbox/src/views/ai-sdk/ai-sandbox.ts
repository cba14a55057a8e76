import type { RunResult } from "../../run/run-result.ts";
import { invalid, SandboxError } from "../../sandbox-error.ts";
import type { SandboxSession } from "../../session/sandbox-session.ts";
import { InputQueue } from "../input-queue.ts";
import { OutputStream } from "./output-stream.ts";

/** A process as the AI SDK follows it. */
export interface AiSandboxProcess {
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  /** Only of processes that were started with `stdin: true`. */
  readonly stdin: WritableStream<Uint8Array>;
  wait(): Promise<{ exitCode: number }>;
  kill(): Promise<void>;
}

interface Command {
  readonly command: string;
  readonly workingDirectory?: string;
  readonly env?: Record<string, string>;
  readonly abortSignal?: AbortSignal;
}

interface Path {
  readonly path: string;
}

type EntryType = "file" | "directory" | "symlink" | "other";

/** The sandbox session of the AI SDK, version 7, by its members. */
export interface AiSandbox {
  readonly description: string;
  run(options: Command): Promise<{ exitCode: number; stdout: string; stderr: string }>;
  spawn(options: Command & { readonly stdin?: boolean }): Promise<AiSandboxProcess>;
  readFile(options: Path): Promise<ReadableStream<Uint8Array> | null>;
  readBinaryFile(options: Path): Promise<Uint8Array | null>;
  readTextFile(
    options: Path & { readonly encoding?: string; readonly startLine?: number; readonly endLine?: number },
  ): Promise<string | null>;
  writeFile(options: Path & { readonly content: ReadableStream<Uint8Array> }): Promise<void>;
  writeBinaryFile(options: Path & { readonly content: Uint8Array }): Promise<void>;
  writeTextFile(options: Path & { readonly content: string; readonly encoding?: string }): Promise<void>;
  stat(options: Path): Promise<{ type: "file" | "directory" | "other"; size: number } | null>;
  listDirectory(options: Path): Promise<{ name: string; type: EntryType }[] | null>;
  deleteFile(options: Path): Promise<boolean>;
}

const WORKSPACE = "/workspace";
const MAX_INPUT_BYTES = 16 * 1024 * 1024;
/** Exit code of a script below: there is no such file. */
const MISSING = 3;
/** What a command that did not exit by itself has for an exit code. */
const NO_EXIT_CODE = -1;
const IN_FOLDER = 'cd -- "$1" && exec /bin/sh -c "$2"';
const STAT =
  'if [ -d "$1" ]; then echo "directory 0"; elif [ -f "$1" ]; then echo "file $(wc -c < "$1")"; elif [ -e "$1" ]; then echo "other 0"; else exit 3; fi';
const LIST =
  'cd -- "$1" 2>/dev/null || exit 3; for f in * .[!.]* ..?*; do if [ -L "$f" ]; then t=symlink; elif [ -d "$f" ]; then t=directory; elif [ -f "$f" ]; then t=file; elif [ -e "$f" ]; then t=other; else continue; fi; printf "%s/%s\\0" "$t" "$f"; done';
const DELETE = '[ -e "$1" ] || [ -L "$1" ] || exit 3; rm -f -- "$1"';

/**
 * A session in the words of the AI SDK. Commands are read by the guest's `/bin/sh`. One runs at a time: a process that
 * was spawned holds up all that come after it. Only files of the workspace are read and written.
 *
 * @see https://ai-sdk.dev/docs
 */
export function aiSandbox(session: SandboxSession): AiSandbox {
  const script = async (code: string, path: string): Promise<RunResult> => {
    const result = await session.exec(["/bin/sh", "-c", code, "sh", relative(path)]);
    if (result.status === "exited" && !result.stdout.truncated) return result;
    throw new SandboxError(
      "SANDBOX_FILE_REFUSED",
      `files of the workspace cannot be looked at: ${result.status}`,
    );
  };
  const stat: AiSandbox["stat"] = async ({ path }) => {
    const { exitCode, stdout } = await script(STAT, path);
    if (exitCode === MISSING) return null;
    const [type = "other", size] = stdout.text().trim().split(/\s+/);
    return { type: type === "file" || type === "directory" ? type : "other", size: Number(size) };
  };
  const readBinaryFile: AiSandbox["readBinaryFile"] = async ({ path }) =>
    (await stat({ path })) === null ? null : session.readFile(relative(path));
  const writeBinaryFile: AiSandbox["writeBinaryFile"] = async ({ path, content }) =>
    session.writeFile(relative(path), content);
  return {
    description:
      "A sandbox without network. Only files below /workspace can be written; they last as long as the session.",
    run: async (options) => {
      const result = await session.exec(argvOf(options), given(options));
      return { exitCode: exitCodeOf(result), stdout: result.stdout.text(), stderr: said(result) };
    },
    spawn: async (options) => spawn(session, options),
    stat,
    readBinaryFile,
    readFile: async (options) => {
      const content = await readBinaryFile(options);
      return content === null ? null : new Blob([new Uint8Array(content)]).stream();
    },
    readTextFile: async ({ path, encoding = "utf-8", startLine = 1, endLine }) => {
      const content = await readBinaryFile({ path });
      if (content === null) return null;
      const text = new TextDecoder(encoding).decode(content);
      return startLine === 1 && endLine === undefined
        ? text
        : text
            .split("\n")
            .slice(startLine - 1, endLine)
            .join("\n");
    },
    writeBinaryFile,
    writeFile: async ({ path, content }) =>
      writeBinaryFile({ path, content: new Uint8Array(await new Response(content).arrayBuffer()) }),
    writeTextFile: async ({ path, content, encoding = "utf-8" }) => {
      if (!/^utf-?8$/i.test(encoding)) invalid("encoding must be utf-8");
      await writeBinaryFile({ path, content: new TextEncoder().encode(content) });
    },
    listDirectory: async ({ path }) => {
      const { exitCode, stdout } = await script(LIST, path);
      if (exitCode === MISSING) return null;
      const entries = stdout.text().split("\0").slice(0, -1);
      return entries.map((entry) => {
        const slash = entry.indexOf("/");
        return { type: entry.slice(0, slash) as EntryType, name: entry.slice(slash + 1) };
      });
    },
    deleteFile: async ({ path }) => (await script(DELETE, path)).exitCode === 0,
  };
}

function spawn(session: SandboxSession, options: Command & { readonly stdin?: boolean }): AiSandboxProcess {
  const stopped = new AbortController();
  const stdout = new OutputStream();
  const stderr = new OutputStream();
  const input = new InputQueue(MAX_INPUT_BYTES);
  if (options.stdin !== true) input.end();
  const { abortSignal } = options;
  const running = session.exec(argvOf(options), {
    ...given(options),
    signal: AbortSignal.any([stopped.signal, ...(abortSignal === undefined ? [] : [abortSignal])]),
    stdin: input,
    onOutput: ({ stream, data }) => (stream === "stdout" ? stdout : stderr).push(data),
  });
  const finish = (): void => {
    input.end();
    stdout.end();
    stderr.end();
  };
  running.then(finish, finish);
  return {
    stdout: stdout.readable,
    stderr: stderr.readable,
    stdin: new WritableStream({ write: (chunk) => input.push(chunk), close: () => input.end() }),
    wait: async () => ({ exitCode: exitCodeOf(await running) }),
    kill: async () => {
      stopped.abort();
      await running.catch(() => undefined);
    },
  };
}

function argvOf({ command, workingDirectory = WORKSPACE }: Command): readonly string[] {
  return ["/bin/sh", "-c", IN_FOLDER, "sh", workingDirectory, command];
}

function given({ env, abortSignal }: Command): {
  readonly env?: Record<string, string>;
  readonly signal?: AbortSignal;
} {
  return {
    ...(env === undefined ? {} : { env }),
    ...(abortSignal === undefined ? {} : { signal: abortSignal }),
  };
}

function exitCodeOf({ status, exitCode }: RunResult): number {
  return status === "exited" ? (exitCode ?? NO_EXIT_CODE) : NO_EXIT_CODE;
}

/** Why a command was ended is said where a model reads it. */
function said({ status, stderr }: RunResult): string {
  return status === "exited" ? stderr.text() : `${stderr.text()}\n[sandbox: ended with ${status}]`;
}

/** Paths are below the workspace, spelt from the root or not. */
function relative(path: string): string {
  if (typeof path !== "string") return invalid("path must be a text");
  const inside =
    path === WORKSPACE ? "." : path.startsWith(`${WORKSPACE}/`) ? path.slice(WORKSPACE.length + 1) : path;
  return inside === "" || inside.startsWith("/")
    ? invalid("path must be below /workspace")
    : inside.replace(/^(?:\.\/)+(?=.)/, "");
}
