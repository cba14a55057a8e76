import { GateError, isDenied } from "@symbiont/core";
import type { JsonObject } from "@symbiont/kit";
import { denialResult, failureResponse, unrecordedResult } from "./denial-result.ts";
import type { GuardTransportOptions } from "./guard-options.ts";
import {
  isAmbiguous,
  isObject,
  isRequestId,
  isResponse,
  type JsonRpcMessage,
  type RequestId,
} from "./json-rpc.ts";
import { FailedResponse, PendingCalls } from "./pending-calls.ts";
import { ToolList } from "./tool-list.ts";
import type { InnerTransport, SendOptions } from "./transport.ts";

/** Stands between a host and its transport; see `guardTransport`. */
export class McpGuard {
  /** The callbacks that the host assigned. */
  readonly host: Pick<InnerTransport, "onmessage" | "onclose"> = {};
  readonly #inner: InnerTransport;
  readonly #options: GuardTransportOptions;
  readonly #calls = new PendingCalls();
  readonly #list: ToolList;

  constructor(inner: InnerTransport, options: GuardTransportOptions) {
    this.#inner = inner;
    this.#options = options;
    this.#list = new ToolList(inner, options, (message) => this.#deliver(message));
    inner.onmessage = (message, extra) => this.#receive(message, extra);
    inner.onclose = () => {
      this.#calls.closeAll();
      this.#list.close();
      this.host.onclose?.();
    };
  }

  readonly close = async (): Promise<void> => this.#inner.close();

  /** Takes a message from the host. */
  readonly send = async (message: JsonRpcMessage, options?: SendOptions): Promise<void> => {
    if (Array.isArray(message)) {
      for (const part of message as readonly JsonRpcMessage[]) await this.send(part, options);
      return;
    }
    switch (message.method) {
      case "tools/list":
        this.#list.requested(message, options);
        break;
      case "tools/call":
        if (!isRequestId(message.id)) throw new TypeError("a tools/call needs a request id");
        void this.#call(message.id, message, options);
        return;
      case "notifications/cancelled":
        if (!this.#cancelled(message)) return;
        break;
      default:
    }
    await this.#inner.send(message, options);
  };

  /** Takes a message from the server. */
  #receive(message: JsonRpcMessage, extra: unknown): void {
    if (Array.isArray(message)) {
      for (const part of message as readonly JsonRpcMessage[]) this.#receive(part, extra);
      return;
    }
    if (isAmbiguous(message)) {
      this.#inner.onerror?.(new Error("dropped a message that is a request and a response at once"));
      return;
    }
    if (isResponse(message)) {
      if (this.#calls.settle(message) || this.#list.answered(message, extra)) return;
    } else if (message.method === "notifications/tools/list_changed") {
      this.#list.outdated();
    }
    this.#deliver(message, extra);
  }

  #deliver(message: JsonRpcMessage, extra?: unknown): void {
    this.host.onmessage?.(message, extra);
  }

  async #call(id: RequestId, message: JsonRpcMessage, options: SendOptions | undefined): Promise<void> {
    const signal = this.#calls.open(id);
    if (signal === undefined) {
      this.#inner.onerror?.(new Error("dropped a tools/call whose id is in use"));
      return;
    }
    let response: JsonRpcMessage | undefined;
    try {
      response = await this.#guarded(id, message, options, signal);
    } catch (error) {
      response = answerTo(id, error);
    }
    this.#calls.close(id);
    if (!signal.aborted) this.#deliver(response);
  }

  async #guarded(
    id: RequestId,
    message: JsonRpcMessage,
    options: SendOptions | undefined,
    cancelled: AbortSignal,
  ): Promise<JsonRpcMessage> {
    await this.#list.current();
    const params = message.params ?? {};
    const { gate, server, credential, context } = this.#options;
    const given = params["arguments"] ?? {};
    const signal =
      options?.requestSignal === undefined ? cancelled : AbortSignal.any([cancelled, options.requestSignal]);
    const result = await gate.run(
      {
        id: String(id),
        server,
        tool: typeof params["name"] === "string" ? params["name"] : "",
        // Not an object: the checker refuses it as what it is.
        arguments: isObject(given) ? (given as JsonObject) : JSON.stringify(given),
        signal,
        ...(credential === undefined ? {} : { credential }),
        ...(context === undefined ? {} : { context: context() }),
      },
      async (call) => {
        const answer = this.#calls.answer(id);
        const judged = { ...message, params: { ...params, name: call.tool, arguments: call.arguments } };
        await Promise.all([this.#inner.send(judged, options), answer]);
        return answer;
      },
    );
    return isDenied(result) ? denialResult(id, result) : result.value;
  }

  /** True when the server has to hear of the cancellation. */
  #cancelled({ params }: JsonRpcMessage): boolean {
    const id = params?.["requestId"];
    return isRequestId(id) ? this.#calls.cancel(id) : true;
  }
}

function answerTo(id: RequestId, error: unknown): JsonRpcMessage {
  if (error instanceof FailedResponse) return error.response;
  const parts: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
  const unrecorded = parts.find((part) => GateError.is(part));
  if (unrecorded !== undefined) return unrecordedResult(id, unrecorded);
  return failureResponse(id, "the call failed before the server answered");
}
