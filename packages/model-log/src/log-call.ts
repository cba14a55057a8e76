import { SymbiontError } from "@symbiont/kit";
import type { AnswerMeta, CallMeta } from "./record-meta.ts";
import type { LoggedCall, ModelLog } from "./writing/model-log.ts";

/** What is logged about a call, and how its answer is read. */
export interface LogCallOptions<T> extends CallMeta {
  /** The request as it is logged. */
  readonly request: unknown;
  /** Tokens used, read from the result. Default none. */
  readonly usage?: (result: T) => AnswerMeta["usage"];
  /** Most parts of a stream that are kept for the log. Default 10,000. */
  readonly maxParts?: number;
}

/**
 * Logs a call of a model: the request before it, the answer after it. A function that gives a stream or another async
 * iterable is logged when that has ended, with all its parts; one that is left before its end is logged as aborted.
 *
 * When the answer cannot be logged in strict mode this rejects although the call was made.
 * @throws ModelLogError, and whatever the call throws.
 */
export async function logCall<T>(
  log: ModelLog,
  options: LogCallOptions<T>,
  call: () => T | Promise<T>,
): Promise<T> {
  const { request, usage, maxParts = 10_000, ...meta } = options;
  const logged = await log.request(meta, request);
  let result: T;
  try {
    result = await call();
  } catch (error) {
    await logged.answer(...errorAnswer(error));
    throw error;
  }
  if (result instanceof ReadableStream) return loggedStream(result, logged, { maxParts }) as T;
  if (isAsyncIterable(result)) return loggedIterable(result, logged, maxParts) as T;
  const used = usage?.(result);
  await logged.answer(
    { outcome: "ok", ...(used === undefined ? {} : { usage: used }) },
    { response: result },
  );
  return result;
}

/** How a stream is logged. */
export interface LoggedStreamOptions<T> {
  readonly maxParts: number;
  /** The answer at the end, from the parts. Default all of them. */
  readonly summarize?: (parts: readonly T[]) => { readonly meta: AnswerMeta; readonly body: unknown };
}

/**
 * A stream with the same parts, logged at its end: before its reader learns that it has ended, so that in strict mode
 * an answer that is not in the log ends in an error.
 */
export function loggedStream<T>(
  stream: ReadableStream<T>,
  logged: LoggedCall,
  { maxParts, summarize }: LoggedStreamOptions<T>,
): ReadableStream<T> {
  const reader = stream.getReader();
  const parts: T[] = [];
  let total = 0;
  const body = (): unknown => ({ parts, ...(total > parts.length ? { partsTotal: total } : {}) });
  return new ReadableStream<T>({
    async pull(controller) {
      let part: Awaited<ReturnType<typeof reader.read>>;
      try {
        part = await reader.read();
      } catch (error) {
        await logged.answer(errorAnswer(error)[0], body());
        throw error;
      }
      if (part.done) {
        const end = summarize?.(parts) ?? { meta: { outcome: "ok" } as const, body: body() };
        await logged.answer(end.meta, end.body);
        controller.close();
        return;
      }
      total += 1;
      if (parts.length < maxParts) parts.push(part.value);
      controller.enqueue(part.value);
    },
    async cancel(reason) {
      await Promise.all([reader.cancel(reason), logged.answer({ outcome: "aborted" }, body())]);
    },
  });
}

async function* loggedIterable<T>(
  source: AsyncIterable<T>,
  logged: LoggedCall,
  maxParts: number,
): AsyncGenerator<T, void, void> {
  const parts: T[] = [];
  let total = 0;
  const body = (): unknown => ({ parts, ...(total > parts.length ? { partsTotal: total } : {}) });
  try {
    for await (const part of source) {
      total += 1;
      if (parts.length < maxParts) parts.push(part);
      yield part;
    }
    await logged.answer({ outcome: "ok" }, body());
  } catch (error) {
    await logged.answer(errorAnswer(error)[0], body());
    throw error;
  } finally {
    // Only the first answer counts: whoever leaves early has given none.
    await logged.answer({ outcome: "aborted" }, body());
  }
}

/** What is logged of an error: its code in the clear, its text in the body. */
export function errorAnswer(error: unknown): [AnswerMeta, unknown] {
  const aborted = error instanceof Error && error.name === "AbortError";
  const code = SymbiontError.is(error) ? error.code : aborted ? "ABORTED" : "CALL_FAILED";
  const text = error instanceof Error ? { name: error.name, message: error.message } : { name: typeof error };
  return [{ outcome: aborted ? "aborted" : "error", code }, { error: text }];
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}
