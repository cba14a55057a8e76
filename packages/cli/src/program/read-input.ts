import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { type JsonValue, parseJson } from "@symbiont/kit";
import type { Task } from "./task.ts";
import { UsageError } from "./usage-error.ts";

const MAX_BYTES = 16 << 20;
const MAX_LINE = 1 << 20;
const MAX_SECRET_BYTES = 64 << 10;

/** Reads a file, or standard input for `-`, up to 16 MiB. */
export async function readInput(path: string, { terminal }: Task): Promise<Uint8Array> {
  if (path === "-") return readStream(terminal.stdin, MAX_BYTES);
  const file = await open(path, "r").catch((error: unknown) => {
    throw unreadable(path, error);
  });
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new UsageError(`${path} is not a file`);
    if (stats.size > MAX_BYTES) throw new UsageError(`${path} is longer than ${MAX_BYTES} bytes`);
    return new Uint8Array(await file.readFile());
  } finally {
    await file.close();
  }
}

/** Reads a file of text. */
export async function readText(path: string, task: Task): Promise<string> {
  return new TextDecoder("utf-8", { fatal: true }).decode(await readInput(path, task));
}

/** Reads a file of JSON, strictly. */
export async function readJson(path: string, task: Task): Promise<JsonValue> {
  return parseJson(await readInput(path, task), { maxBytes: MAX_BYTES });
}

/** The lines of a file or, for `-`, of standard input, one after the other however long it is. */
export async function* readLinesOf(path: string, { terminal }: Task): AsyncGenerator<string, void, void> {
  const source = path === "-" ? terminal.stdin : createReadStream(path);
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let rest = "";
  try {
    for await (const chunk of source) {
      const lines = (rest + decoder.decode(Buffer.from(chunk as Uint8Array), { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      if (rest.length > MAX_LINE)
        throw new UsageError(`${path} has a line of more than ${MAX_LINE} characters`);
      yield* lines;
    }
    rest += decoder.decode();
    if (rest !== "") yield rest;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw (error as NodeJS.ErrnoException).syscall === undefined ? error : unreadable(path, error);
  }
}

/** From where a secret comes; never from an argument, which every process of the machine can see. */
export interface SecretOptions {
  /** A file. */
  readonly valueFile?: string;
  /** The name of a variable. */
  readonly valueEnv?: string;
}

/** Reads a secret from a file, a variable, standard input, or the keyboard without an echo. One newline at its end does not count. */
export async function readSecret(
  { valueFile, valueEnv }: SecretOptions,
  what: string,
  task: Task,
): Promise<Uint8Array> {
  if (valueFile !== undefined && valueEnv !== undefined) {
    throw new UsageError("write --value-file or --value-env, not both");
  }
  if (valueEnv !== undefined) {
    const value = task.terminal.env[valueEnv];
    if (value === undefined || value === "") throw new UsageError(`the variable ${valueEnv} is not set`);
    return new TextEncoder().encode(value);
  }
  if (valueFile !== undefined) return withoutNewline(await readInput(valueFile, task));
  const { stdin, stderr } = task.terminal;
  if (stdin.isTTY !== true) return withoutNewline(await readStream(stdin, MAX_SECRET_BYTES));
  stderr.write(`${what} (not shown): `);
  return readHidden(task);
}

async function readHidden({ terminal: { stdin, stderr }, signal }: Task): Promise<Uint8Array> {
  stdin.setRawMode?.(true);
  let typed = "";
  try {
    for await (const chunk of stdin) {
      signal.throwIfAborted();
      for (const key of String(chunk)) {
        if (key === "\r" || key === "\n") return new TextEncoder().encode(typed);
        if (key === "\u0003" || key === "\u0004") throw new UsageError("nothing was entered");
        typed = key === "\u007f" ? typed.slice(0, -1) : typed + key;
      }
    }
    return new TextEncoder().encode(typed);
  } finally {
    stdin.setRawMode?.(false);
    stderr.write("\n");
  }
}

async function readStream(stream: AsyncIterable<unknown>, maxBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk as Uint8Array);
    length += bytes.length;
    if (length > maxBytes) throw new UsageError(`standard input is longer than ${maxBytes} bytes`);
    chunks.push(bytes);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function withoutNewline(bytes: Uint8Array): Uint8Array {
  if (bytes.at(-1) !== 10) return bytes;
  return bytes.subarray(0, bytes.at(-2) === 13 ? -2 : -1);
}

function unreadable(path: string, error: unknown): UsageError {
  const reason = (error as NodeJS.ErrnoException).code === "ENOENT" ? "does not exist" : "cannot be read";
  return new UsageError(`${path} ${reason}`);
}
