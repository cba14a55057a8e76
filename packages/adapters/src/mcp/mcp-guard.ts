import { GateError, isDenied } from "@symbiont/core";
import type { JsonObject } from "@symbiont/kit";
import { denialResult, failureResponse, unrecordedResult } from "./denial-result.ts";
import type { GuardTransportOptions } from "./guard-options.ts";
import {
  hasRequestId,
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
  /** The host's other requests. Hosts read ids loosely, so that only what answers one of these to the letter passes. */
  readonly #open = new Set<RequestId>();
  #closed = false;

  constructor(inner: InnerTransport, options: GuardTransportOptions) {
    this.#inner = inner;
    this.#options = options;
    this.#list = new ToolList(inner, options, (message, extra) => this.#deliver(message, extra));
    inner.onmessage = (message, extra) => this.#receive(message, extra);
    inner.onclose = () => {
      this.#closed = true;
      this.#open.clear();
      this.#calls.closeAll();
      this.#list.close();
      this.host.onclose?.();
    };
  }

  readonly close = async (): Promise<void> => this.#inner.close();

  /** Takes a message from the host. */
  readonly send = async (given: JsonRpcMessage, options?: SendOptions): Promise<void> => {
    if (Array.isArray(given)) {
      for (const part of given as readonly JsonRpcMessage[]) await this.send(part, options);
      return;
    }
    // Read once: what was looked at is what is sent.
    const message = { ...given };
    const request = message.method !== undefined && hasRequestId(message) ? message.id : undefined;
    if (request !== undefined) {
      // One answer must not stand for two requests.
      if (this.#calls.has(request) || this.#list.has(request)) {
        this.#drop("a request whose id is in use");
        return;
      }
      this.#open.delete(request);
      options?.requestSignal?.addEventListener("abort", () => this.#giveUp(request), { once: true });
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
        if (request !== undefined) this.#open.add(request);
    }
    try {
      await this.#inner.send(message, options);
    } catch (error) {
      if (request !== undefined) this.#giveUp(request);
      throw error;
    }
  };

  /** Takes a message, or a batch of them, from the server. */
  #receive(received: unknown, extra: unknown): void {
    for (const part of Array.isArray(received) ? (received as readonly unknown[]) : [received]) {
      if (isObject(part)) this.#receiveOne({ ...part } as unknown as JsonRpcMessage, extra);
      else this.#drop("what is not a message");
    }
  }

  #receiveOne(message: JsonRpcMessage, extra: unknown): void {
    if (isAmbiguous(message)) {
      this.#drop("a message that is several kinds at once");
      return;
    }
    if (isResponse(message)) {
      if (!hasRequestId(message)) {
        this.#drop("an answer without an id");
        return;
      }
      if (this.#calls.settle(message) || this.#list.answered(message, extra)) return;
      if (!this.#open.delete(message.id)) {
        this.#drop("an answer to nothing that was asked");
        return;
      }
    } else if (message.method === "notifications/tools/list_changed") {
      this.#list.outdated();
    }
    this.#deliver(message, extra);
  }

  /** Nobody catches what the host throws when a message reaches it late, so that it is reported instead. */
  #deliver(message: JsonRpcMessage, extra?: unknown): void {
    if (this.#closed) return;
    try {
      this.host.onmessage?.(message, extra);
    } catch (error) {
      this.#inner.onerror?.(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #drop(what: string): void {
    this.#inner.onerror?.(new Error(`dropped ${what}`));
  }

  /** Waits for an answer no longer. True when the server has to hear of it. */
  #giveUp(id: RequestId): boolean {
    this.#open.delete(id);
    this.#list.forget(id);
    return this.#calls.cancel(id);
  }

  async #call(id: RequestId, message: JsonRpcMessage, options: SendOptions | undefined): Promise<void> {
    const signal = this.#calls.open(id);
    if (signal === undefined) return;
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
    const { gate, server, credential: given, context } = this.#options;
    const credential = typeof given === "function" ? given() : given; // before anything is waited for
    const version = this.#list.noticed;
    await this.#list.current();
    const params = message.params ?? {};
    const proposed = params["arguments"] ?? {};
    const signal =
      options?.requestSignal === undefined ? cancelled : AbortSignal.any([cancelled, options.requestSignal]);
    const result = await gate.run(
      {
        id: String(id),
        server,
        tool: typeof params["name"] === "string" ? params["name"] : "",
        // Not an object: the checker refuses it as what it is.
        arguments: isObject(proposed) ? (proposed as JsonObject) : JSON.stringify(proposed),
        signal,
        ...(credential === undefined ? {} : { credential }),
        ...(context === undefined ? {} : { context }),
      },
      async (call) => {
        // An approval can take minutes: what was judged may not be what the server now runs.
        if (this.#list.noticed !== version) throw new Error("the tools changed while the call was judged");
        const judged = { ...message, params: { ...params, name: call.tool, arguments: call.arguments } };
        return this.#calls.exchange(id, async () => this.#inner.send(judged, options));
      },
    );
    return isDenied(result) ? denialResult(id, result) : result.value;
  }

  /** True when the server has to hear of the cancellation. */
  #cancelled({ params }: JsonRpcMessage): boolean {
    const id = params?.["requestId"];
    return isRequestId(id) ? this.#giveUp(id) : true;
  }
}

function answerTo(id: RequestId, error: unknown): JsonRpcMessage {
  if (error instanceof FailedResponse) return error.response;
  const parts: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
  const unrecorded = parts.find((part) => GateError.is(part));
  if (unrecorded !== undefined) return unrecordedResult(id, unrecorded);
  return failureResponse(id, "the call failed before the server answered");
}
