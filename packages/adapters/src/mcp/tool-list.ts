import type { AdmittedTool } from "@symbiont/kit";
import { failureResponse } from "./denial-result.ts";
import { DEFAULT_MAX_PAGES, DEFAULT_MAX_TOOLS, type GuardTransportOptions } from "./guard-options.ts";
import { isRequestId, type JsonRpcMessage, type RequestId } from "./json-rpc.ts";
import { type ListedPage, ToolPages } from "./tool-pages.ts";
import type { InnerTransport, SendOptions } from "./transport.ts";

const DEFAULT_LIST_TIMEOUT_MS = 10_000;

type AdmittedPage = ListedPage & { readonly admitted: readonly AdmittedTool[] };

interface ListRequest {
  readonly cursor: string | undefined;
  /** How many change notices had come when the request was made. */
  readonly version: number;
  /** Takes the server's answer; set for the guard's own requests. */
  readonly own?: (response: JsonRpcMessage) => void;
  /** Whether the answer has arrived and is being verified. */
  answered?: boolean;
}

/**
 * Sees to it that a host learns of verified tools only, whoever asked for the list, and that after
 * `tools/list_changed` no call is judged by an old list.
 */
export class ToolList {
  readonly #inner: InnerTransport;
  readonly #options: GuardTransportOptions;
  readonly #listTimeoutMs: number;
  readonly #deliver: (message: JsonRpcMessage, extra?: unknown) => void;
  readonly #pages: ToolPages;
  readonly #requests = new Map<RequestId, ListRequest>();
  /** How the host asked last: the guard's own requests repeat its parameters. */
  #asked: { readonly params: Readonly<Record<string, unknown>>; readonly options?: SendOptions } | undefined;
  /** Change notices so far, and how many of them the list that the gate holds is known to include. */
  #noticed = 0;
  #listed = 0;
  #refresh: Promise<void> | undefined;
  #ownRequests = 0;
  /** Lists are verified one after the other, so that the gate holds the one that came last. */
  #admitting: Promise<unknown> = Promise.resolve();

  constructor(
    inner: InnerTransport,
    options: GuardTransportOptions,
    deliver: (message: JsonRpcMessage, extra?: unknown) => void,
  ) {
    this.#inner = inner;
    this.#options = options;
    this.#deliver = deliver;
    this.#pages = new ToolPages({
      maxPages: positive("maxPages", options.maxPages ?? DEFAULT_MAX_PAGES),
      maxTools: positive("maxTools", options.maxTools ?? DEFAULT_MAX_TOOLS),
    });
    this.#listTimeoutMs = positive("listTimeoutMs", options.listTimeoutMs ?? DEFAULT_LIST_TIMEOUT_MS);
  }

  /** How many change notices have come. */
  get noticed(): number {
    return this.#noticed;
  }

  has(id: RequestId): boolean {
    return this.#requests.has(id);
  }

  /** Notes that nobody waits for the answer any more. */
  forget(id: RequestId): void {
    this.#requests.delete(id);
  }

  /** Notes that the host asks for the list. */
  requested({ id, params = {} }: JsonRpcMessage, options: SendOptions | undefined): void {
    if (!isRequestId(id)) throw new TypeError("a tools/list needs a request id");
    const { cursor, ...others } = params;
    this.#asked = { params: others, ...(options === undefined ? {} : { options }) };
    this.#requests.set(id, {
      cursor: typeof cursor === "string" ? cursor : undefined,
      version: this.#noticed,
    });
  }

  /** Takes a response; true when it answers a list request, and so must not reach the host by itself. */
  answered(response: JsonRpcMessage & { readonly id: RequestId }, extra: unknown): boolean {
    const request = this.#requests.get(response.id);
    if (request === undefined) return false;
    // A second answer while the first is being verified would slip past: the host still waits for this id.
    if (request.answered === true) return true;
    request.answered = true;
    if (request.own !== undefined) request.own(response);
    else void this.#verify(response, request, extra);
    return true;
  }

  /** Notes that the server's tools changed. */
  outdated(): void {
    this.#noticed += 1;
  }

  /**
   * Resolves when the verified list is as new as the server's last notice. When the server does not give a usable
   * list the verified list becomes empty, so that the gate denies, and records, every call.
   */
  async current(): Promise<void> {
    const wanted = this.#noticed;
    // A listing that runs already may have begun before the notice.
    if (this.#listed < wanted) await this.#refresh;
    if (this.#listed >= wanted || this.#asked === undefined) return;
    this.#refresh ??= this.#listAll().finally(() => {
      this.#refresh = undefined;
    });
    await this.#refresh;
  }

  close(): void {
    for (const request of this.#requests.values()) {
      request.own?.(failureResponse("closed", "the connection closed"));
    }
    this.#requests.clear();
  }

  async #verify(
    response: JsonRpcMessage & { readonly id: RequestId },
    request: ListRequest,
    extra: unknown,
  ): Promise<void> {
    let verified: JsonRpcMessage = response;
    if (response.error === undefined) {
      try {
        const { names, admitted } = await this.#admit(response, request);
        const tools = admitted.map(({ definition }) => definition).filter(({ name }) => names.has(name));
        verified = { ...response, result: { ...(response.result as object), tools } };
      } catch {
        verified = failureResponse(response.id, "the tool list could not be verified");
      }
    }
    // Cancelled meanwhile: the host waits no longer.
    if (this.#requests.get(response.id) !== request) return;
    this.#requests.delete(response.id);
    this.#deliver(verified, extra);
  }

  async #admit(response: JsonRpcMessage, request: ListRequest): Promise<AdmittedPage> {
    const admission = this.#admitting.then(async () => this.#admitNow(response, request));
    this.#admitting = admission.catch(() => undefined);
    return admission;
  }

  /** Verifies one page together with those before it. */
  async #admitNow({ result }: JsonRpcMessage, { cursor, version }: ListRequest): Promise<AdmittedPage> {
    const page = this.#pages.add(cursor, result, version);
    if (page === undefined) throw new Error("the server's tool list is malformed or too long");
    const admitted = await this.#options.gate.verifyTools(page.tools, this.#options.server);
    // Also when that is older than the list before: then the next call makes the guard list again.
    if (page.nextCursor === undefined) this.#listed = page.version;
    return { ...page, admitted };
  }

  /** Lists and verifies everything again, on the guard's own account. */
  async #listAll(): Promise<void> {
    const deadline = AbortSignal.timeout(this.#listTimeoutMs);
    try {
      let cursor: string | undefined;
      do {
        const request = { cursor, version: this.#noticed };
        const page = await this.#admit(await this.#ask(request, deadline), request);
        cursor = page.nextCursor;
      } while (cursor !== undefined);
    } catch {
      await this.#options.gate.verifyTools([], this.#options.server);
    }
  }

  async #ask({ cursor, version }: ListRequest, deadline: AbortSignal): Promise<JsonRpcMessage> {
    deadline.throwIfAborted();
    this.#ownRequests += 1;
    const id = `symbiont-guard-${this.#ownRequests}`;
    const { params = {}, options } = this.#asked ?? {};
    const request: JsonRpcMessage = {
      jsonrpc: "2.0",
      id,
      method: "tools/list",
      params: cursor === undefined ? params : { ...params, cursor },
    };
    try {
      return await new Promise<JsonRpcMessage>((resolve, reject) => {
        const late = (): void => reject(new Error("the server did not list its tools in time"));
        deadline.addEventListener("abort", late, { once: true });
        this.#requests.set(id, { cursor, version, own: resolve });
        this.#inner.send(request, options).catch(reject);
      });
    } finally {
      this.#requests.delete(id);
    }
  }
}

function positive(name: string, value: number): number {
  if (!(value > 0 && value < 2 ** 31))
    throw new RangeError(`${name} must be a positive number, got ${value}`);
  return value;
}
