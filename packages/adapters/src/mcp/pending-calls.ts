import type { JsonRpcMessage, RequestId } from "./json-rpc.ts";

/** A response that says the call failed. Thrown inside the gate so that the outcome is recorded as a failure. */
export class FailedResponse extends Error {
  readonly response: JsonRpcMessage;

  constructor(response: JsonRpcMessage) {
    super("the server reported a failure");
    this.response = response;
    Object.defineProperty(this, "name", { value: "ServerReportedFailure" });
  }
}

interface PendingCall {
  /** Gives the call up while it is still in the gate. */
  readonly abort: AbortController;
  /** Set once the call has been sent to the server. */
  sent?: { readonly resolve: (response: JsonRpcMessage) => void; readonly reject: (error: Error) => void };
}

/** The calls between the host's request and the answer it gets. */
export class PendingCalls {
  readonly #calls = new Map<RequestId, PendingCall>();

  has(id: RequestId): boolean {
    return this.#calls.has(id);
  }

  /** Opens a call; undefined when the id is in use, which would let one answer stand for two calls. */
  open(id: RequestId): AbortSignal | undefined {
    if (this.#calls.has(id)) return undefined;
    const abort = new AbortController();
    this.#calls.set(id, { abort });
    return abort.signal;
  }

  /** Sends a call and waits for its answer, which counts even when the sending never settles. */
  exchange(id: RequestId, send: () => Promise<void>): Promise<JsonRpcMessage> {
    return new Promise((resolve, reject) => {
      const call = this.#calls.get(id);
      if (call === undefined || call.abort.signal.aborted) throw new Error("the call is no longer open");
      call.sent = { resolve, reject };
      send().catch(reject);
    });
  }

  /**
   * Takes a response for an open call. True when the id belongs to a call: the response must then not reach the
   * host by itself, not even a second one or one for a call that was never sent.
   */
  settle(response: JsonRpcMessage & { readonly id: RequestId }): boolean {
    const call = this.#calls.get(response.id);
    if (call === undefined) return false;
    if (isFailure(response)) call.sent?.reject(new FailedResponse(response));
    else call.sent?.resolve(response);
    return true;
  }

  /** Gives a call up. True when the server has seen it, and must be told. */
  cancel(id: RequestId): boolean {
    const call = this.#calls.get(id);
    if (call === undefined) return true;
    call.abort.abort();
    call.sent?.reject(new Error("the host cancelled the call"));
    return call.sent !== undefined;
  }

  close(id: RequestId): void {
    this.#calls.delete(id);
  }

  /** Gives every call up, because the connection is gone. */
  closeAll(): void {
    for (const call of this.#calls.values()) {
      call.abort.abort();
      call.sent?.reject(new Error("the connection closed"));
    }
  }
}

function isFailure({ error, result }: JsonRpcMessage): boolean {
  return error !== undefined || (result as { isError?: unknown } | undefined)?.isError === true;
}
