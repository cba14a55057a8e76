import { errorAnswer, loggedStream } from "../log-call.ts";
import type { AnswerMeta } from "../record-meta.ts";
import type { ModelLog } from "../writing/model-log.ts";

/** How calls through the AI SDK are logged. */
export interface LoggingMiddlewareOptions {
  readonly log: ModelLog;
  /** Who asks: an id, or how it is found out from the call. */
  readonly agent: string | ((params: LoggedParams) => string);
  /** Whose data the call holds. Default nobody's. */
  readonly subject?: (params: LoggedParams) => string | undefined;
  /** Most parts of a stream that are kept for the log. Default 10,000. */
  readonly maxParts?: number;
}

/** What is read of a call's parameters. */
export interface LoggedParams {
  readonly prompt: unknown;
  readonly tools?: unknown;
  readonly toolChoice?: unknown;
  readonly temperature?: unknown;
  readonly maxOutputTokens?: unknown;
}

interface Model {
  readonly modelId: string;
}

interface GenerateCall<T> {
  readonly doGenerate: () => PromiseLike<T>;
  readonly params: LoggedParams;
  readonly model: Model;
}

interface StreamCall<T> {
  readonly doStream: () => PromiseLike<T>;
  readonly params: LoggedParams;
  readonly model: Model;
}

/** A middleware for `wrapLanguageModel` of the AI SDK, versions 5 to 7; give the specification version of your models. */
export interface LoggingMiddleware<Version extends string> {
  readonly specificationVersion: Version;
  readonly wrapGenerate: <T extends object>(call: GenerateCall<T>) => Promise<T>;
  readonly wrapStream: <Part, T extends { readonly stream: ReadableStream<Part> }>(
    call: StreamCall<T>,
  ) => Promise<T>;
}

/**
 * Logs every call of a wrapped model: the request before the model is asked, the answer before the caller has it. A
 * stream that its reader leaves is logged as aborted.
 */
export function loggingMiddleware<Version extends "v2" | "v3" | "v4">(
  specificationVersion: Version,
  { log, agent, subject, maxParts = 10_000 }: LoggingMiddlewareOptions,
): LoggingMiddleware<Version> {
  const begin = async (params: LoggedParams, { modelId }: Model) => {
    const { prompt, tools, toolChoice, temperature, maxOutputTokens } = params;
    const whose = subject?.(params);
    const meta = {
      kind: "completion",
      agent: typeof agent === "string" ? agent : agent(params),
      model: modelId,
      ...(whose === undefined ? {} : { subject: whose }),
    } as const;
    return log.request(meta, { prompt, tools, toolChoice, temperature, maxOutputTokens });
  };
  return {
    specificationVersion,
    wrapGenerate: async <T extends object>({ doGenerate, params, model }: GenerateCall<T>): Promise<T> => {
      const logged = await begin(params, model);
      let result: T;
      try {
        result = await doGenerate();
      } catch (error) {
        await logged.answer(...errorAnswer(error));
        throw error;
      }
      const { content, finishReason, usage } = result as {
        content?: unknown;
        finishReason?: unknown;
        usage?: unknown;
      };
      await logged.answer({ outcome: "ok", ...usageOf(usage) }, { content, finishReason });
      return result;
    },
    wrapStream: async <Part, T extends { readonly stream: ReadableStream<Part> }>({
      doStream,
      params,
      model,
    }: StreamCall<T>): Promise<T> => {
      const logged = await begin(params, model);
      let result: T;
      try {
        result = await doStream();
      } catch (error) {
        await logged.answer(...errorAnswer(error));
        throw error;
      }
      const stream = loggedStream(result.stream, logged, { maxParts, summarize });
      return { ...result, stream };
    },
  };
}

/** The text in one piece, everything else as it came. */
function summarize(parts: readonly unknown[]): { readonly meta: AnswerMeta; readonly body: unknown } {
  let text = "";
  let usage: unknown;
  let failed = false;
  const others: unknown[] = [];
  for (const part of parts as readonly {
    readonly type?: string;
    readonly delta?: unknown;
    readonly usage?: unknown;
  }[]) {
    if (part.type === "text-delta" && typeof part.delta === "string") text += part.delta;
    else others.push(part);
    if (part.type === "finish") usage = part.usage;
    if (part.type === "error") failed = true;
  }
  return { meta: { outcome: failed ? "error" : "ok", ...usageOf(usage) }, body: { text, parts: others } };
}

/** Whole tokens, whichever version of the specification counts them. */
function usageOf(usage: unknown): Pick<AnswerMeta, "usage"> {
  const { inputTokens, outputTokens } = (usage ?? {}) as { inputTokens?: unknown; outputTokens?: unknown };
  const [input, output] = [inputTokens, outputTokens].map(totalOf);
  return input === undefined || output === undefined ? {} : { usage: { input, output } };
}

function totalOf(tokens: unknown): number | undefined {
  const total =
    typeof tokens === "object" && tokens !== null ? (tokens as { total?: unknown }).total : tokens;
  return Number.isSafeInteger(total) && (total as number) >= 0 ? (total as number) : undefined;
}
