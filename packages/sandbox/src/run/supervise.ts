import { once } from "node:events";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { SandboxLimits } from "../policy/limits.ts";
import { OutputBuffer } from "./captured-output.ts";
import type { GuestExit, GuestProcess, GuestRemains } from "./guest-process.ts";
import type { RunResult, RunStatus } from "./run-result.ts";

/** How long output may still come after the first process is gone; whoever holds the stream longer is cut off. */
const DRAIN_MS = 250;
/** How long the end of a killed guest is waited for. */
const KILLED_MS = 5_000;

/** One piece of output, as it comes. */
export interface OutputEvent {
  readonly stream: "stdout" | "stderr";
  readonly data: Uint8Array;
}

/** What the supervisor goes by. */
export interface Supervision {
  readonly limits: SandboxLimits;
  /** All of it at once, or piece by piece for as long as the run lasts. */
  readonly stdin?: Uint8Array | AsyncIterable<Uint8Array> | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onOutput?: ((event: OutputEvent) => void) | undefined;
}

/**
 * Watches over a run until nothing of it is left: its time, its silence, its output, and whoever wants it stopped.
 * Output past the cap is read on and dropped, because a stream that is not read can keep a guest from being killed.
 */
export async function supervise(
  guest: GuestProcess,
  { limits, stdin, signal, onOutput }: Supervision,
): Promise<RunResult> {
  const started = performance.now();
  const stdout = new OutputBuffer(limits.outputBytes);
  const stderr = new OutputBuffer(limits.outputBytes);
  let stoppedFor: RunStatus | undefined;
  let overdue: NodeJS.Timeout | undefined;
  const { promise: gaveUp, resolve: giveUp } = withResolver();
  const stop = (why: RunStatus): void => {
    if (stoppedFor !== undefined) return;
    stoppedFor = why;
    guest.kill();
    overdue = setTimeout(giveUp, KILLED_MS, undefined);
  };

  const wall = setTimeout(stop, limits.wallMs, "timeout");
  const idle = limits.idleMs === 0 ? undefined : setTimeout(stop, limits.idleMs, "idle-timeout");
  const cancel = (): void => stop("cancelled");
  if (signal?.aborted === true) cancel();
  else signal?.addEventListener("abort", cancel, { once: true });

  const follow = (stream: Readable, name: OutputEvent["stream"], buffer: OutputBuffer): Promise<unknown> => {
    stream.on("data", (data: Uint8Array) => {
      idle?.refresh();
      buffer.push(data);
      onOutput?.({ stream: name, data });
      if (stdout.totalBytes + stderr.totalBytes > limits.outputHardBytes) stop("output-limit");
    });
    // A stream that breaks off has ended.
    stream.on("error", () => undefined);
    return once(stream, "close").catch(() => undefined);
  };
  const drained = Promise.all([
    follow(guest.stdout, "stdout", stdout),
    follow(guest.stderr, "stderr", stderr),
  ]);
  // A guest that never reads, or is gone, is no failure.
  guest.stdin.on("error", () => undefined);
  const input =
    stdin === undefined || stdin instanceof Uint8Array ? undefined : Readable.from(piecesOf(stdin));
  // Whoever writes the input and fails has ended it.
  input?.on("error", () => guest.stdin.end());
  if (input === undefined) guest.stdin.end(stdin as Uint8Array | undefined);
  else input.pipe(guest.stdin);

  let exit: GuestExit | undefined;
  let wallMs = 0;
  let remains: Promise<GuestRemains>;
  try {
    exit = await Promise.race([guest.exited, gaveUp]);
    wallMs = performance.now() - started;
    if (exit !== undefined) await Promise.race([drained, sleep(DRAIN_MS)]);
  } finally {
    clearTimeout(wall);
    clearTimeout(idle);
    clearTimeout(overdue);
    signal?.removeEventListener("abort", cancel);
    input?.destroy();
    guest.stdin.destroy();
    guest.stdout.destroy();
    guest.stderr.destroy();
    remains = guest.settle();
    await remains;
  }
  const { survivors, ...used } = await remains;
  const isLost = exit === undefined || survivors > 0;
  return {
    status: isLost ? "sandbox-failure" : (stoppedFor ?? statusOf(exit as GuestExit)),
    exitCode: stoppedFor === undefined ? (exit?.exitCode ?? null) : null,
    signal: exit?.signal ?? null,
    stdout: stdout.captured(),
    stderr: stderr.captured(),
    usage: { wallMs, ...used },
    survivors,
  };
}

/** One that fails at its very beginning fails in here, not while the run is being set up. */
async function* piecesOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  yield* source;
}

function statusOf({ signal, exceeded }: GuestExit): RunStatus {
  if (exceeded === "cpu") return "cpu-limit";
  if (exceeded === "memory") return "memory-limit";
  return signal === null ? "exited" : "signaled";
}

function withResolver(): {
  readonly promise: Promise<undefined>;
  readonly resolve: (value: undefined) => void;
} {
  let resolve: ((value: undefined) => void) | undefined;
  const promise = new Promise<undefined>((given) => {
    resolve = given;
  });
  return { promise, resolve: resolve as unknown as (value: undefined) => void };
}
