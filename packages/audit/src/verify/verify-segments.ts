import { basename } from "node:path";
import type { Worker } from "node:worker_threads";
import { AuditError } from "../audit-error.ts";
import type { JournalFiles } from "../journal/journal-files.ts";
import { parseSegmentSummary } from "../journal/segment-summary.ts";
import type { Checkpoint } from "../notes/checkpoint.ts";
import type { VerifierKey } from "../notes/verifier-key.ts";
import type { ChainState } from "./chain-state.ts";
import type { JournalFault } from "./journal-fault.ts";
import { addTally, type RecordTally } from "./record-tally.ts";

/** One closed segment, for a worker. */
export interface SegmentJob {
  readonly segment: string;
  /** The chain before it, without open attempts. */
  readonly start: ChainState;
  readonly checkpoints: readonly Checkpoint[];
  readonly gapMs: number;
}

/** What a worker found. */
export type SegmentResult =
  | {
      readonly state: ChainState;
      readonly tally: RecordTally;
      readonly bytes: number;
      /** Attempts of earlier segments that have their outcome here. */
      readonly settled: readonly number[];
    }
  | { readonly fault: JournalFault };

/** What is to be verified. */
export interface SegmentsToVerify {
  readonly files: JournalFiles;
  readonly origin: string;
  readonly keys: readonly VerifierKey[];
  readonly checkpoints: readonly Checkpoint[];
  readonly tally: RecordTally;
  readonly progress: (records: number, bytes: number) => void;
  readonly start: ChainState;
  readonly workers: number;
  readonly gapMs: number;
}

/** Closed segments on their way through several threads. */
export interface SegmentsInThreads {
  /** Where the chain is after them, if their summaries say the truth; without open attempts. */
  readonly rest: ChainState;
  /** Where it is in truth. @throws AuditError for the first fault in them */
  end(): Promise<ChainState>;
}

/**
 * Verifies the closed segments after `start` in several threads. Each begins where the signed summary before it says;
 * that the summary says the truth is found out by whoever verifies the segment before. What follows them is for this
 * thread, meanwhile.
 */
export async function verifySegments(options: SegmentsToVerify): Promise<SegmentsInThreads> {
  const { jobs, rest } = await planJobs(options);
  const running = runJobs(jobs, options);
  running.catch(() => undefined); // whoever asks for the end is told
  return { rest, end: async () => chainEnd(jobs, await running, { ...options, rest }) };
}

function chainEnd(
  jobs: readonly SegmentJob[],
  results: readonly SegmentResult[],
  { start, tally, gapMs, rest }: SegmentsToVerify & { readonly rest: ChainState },
): ChainState {
  const open = new Set(start.openAttempts);
  let end = start;
  results.forEach((result, index) => {
    if ("fault" in result) throw faultError(result.fault);
    const job = jobs[index] as SegmentJob;
    assertSame(job.start, end);
    for (const sequence of result.settled) open.delete(sequence);
    for (const sequence of result.state.openAttempts) open.add(sequence);
    addTally(tally, result.tally, { first: job.start.size, gapMs });
    end = result.state;
  });
  assertSame(rest, end);
  return { ...end, openAttempts: [...open] };
}

/** @throws AuditError `AUDIT_CORRUPT` when a summary does not say where its records lead to. */
function assertSame(said: ChainState, { size, head, time, roots }: ChainState): void {
  if (said.size === size && said.head === head && said.time === time && said.roots.join() === roots.join())
    return;
  throw new AuditError("AUDIT_CORRUPT", "a segment's summary is not what its records say", { record: size });
}

async function planJobs({
  files,
  origin,
  keys,
  checkpoints,
  start,
  gapMs,
}: SegmentsToVerify): Promise<{ readonly jobs: SegmentJob[]; readonly rest: ChainState }> {
  const jobs: SegmentJob[] = [];
  let state: ChainState = start;
  for (const segment of files.segments()) {
    if (files.firstOf(segment) < start.size) continue;
    const text = files.firstOf(segment) === state.size ? await files.readSummary(state.size) : undefined;
    if (text === undefined) break;
    const covered = checkpoints.filter(({ size }) => size >= state.size);
    const summary = parseSegmentSummary(text, origin, keys);
    const ending = covered.filter(({ size }) => size <= summary.state.size);
    jobs.push({ segment, start: { ...state, openAttempts: [] }, checkpoints: ending, gapMs });
    state = summary.state;
  }
  return { jobs, rest: { ...state, openAttempts: [] } };
}

async function runJobs(
  jobs: readonly SegmentJob[],
  { workers, progress }: SegmentsToVerify,
): Promise<SegmentResult[]> {
  const results: SegmentResult[] = [];
  let next = 0;
  const { Worker } = await import("node:worker_threads");
  const work = async (): Promise<void> => {
    const worker = new Worker(workerUrl());
    try {
      for (let index = next++; index < jobs.length; index = next++) {
        const job = jobs[index] as SegmentJob;
        const result = await ask(worker, job);
        if ("state" in result) progress(result.state.size - job.start.size, result.bytes);
        results[index] = result;
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, jobs.length) }, work));
  return results;
}

async function ask(worker: Worker, job: SegmentJob): Promise<SegmentResult> {
  return new Promise((resolve, reject) => {
    worker.removeAllListeners();
    worker.once("message", (result: SegmentResult) => resolve(result));
    worker.once("error", reject);
    worker.once("exit", () => reject(new Error("the worker ended")));
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    worker.postMessage(job);
  });
}

/** The worker beside this file, compiled or not. */
function workerUrl(): URL {
  return new URL(
    `./segment-worker.${basename(import.meta.url)
      .split(".")
      .at(-1)}`,
    import.meta.url,
  );
}

function faultError({ code, message, ...place }: JournalFault): AuditError {
  return new AuditError(code, message, place);
}
