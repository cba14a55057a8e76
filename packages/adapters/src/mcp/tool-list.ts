import type { AdmittedTool } from "@symbiont/kit";
import { failureResponse } from "./denial-result.ts";
import type { GuardTransportOptions } from "./guard-options.ts";
import { isRequestId, type JsonRpcMessage, type RequestId } from "./json-rpc.ts";
import { type ListedPage, ToolPages } from "./tool-pages.ts";
import type { InnerTransport, SendOptions } from "./transport.ts";

const DEFAULT_MAX_PAGES = 64;
const DEFAULT_MAX_TOOLS = 1_000;
const DEFAULT_LIST_TIMEOUT_MS = 10_000;

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
  readonly #deliver: (message: JsonRpcMessage, extra?: unknown) => void;
  readonly #pages: ToolPages;
  readonly #requests = new Map<RequestId, ListRequest>();
  /** How the host asked last: the guard's own requests repeat its parameters. */
  #asked: { readonly params: Readonly<Record<string, unknown>>; readonly options?: SendOptions } | undefined;
  /** Change notices so far, and how many of them the newest verified list is known to include. */
  #noticed = 0;
  #listed = 0;
  #refresh: Promise<void> | undefined;
  #ownRequests = 0;

  constructor(
    inner: InnerTransport,
    options: GuardTransportOptions,
    deliver: (message: JsonRpcMessage, extra?: unknown) => void,
  ) {
    this.#inner = inner;
    this.#options = options;
    this.#deliver = deliver;
    this.#pages = new ToolPages({
      maxPages: options.maxPages ?? DEFAULT_MAX_PAGES,
      maxTools: options.maxTools ?? DEFAULT_MAX_TOOLS,
    });
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
    if (this.#listed >= this.#noticed || this.#asked === undefined) return;
    this.#refresh ??= this.#listAll().finally(() => {
      this.#refresh = undefined;
    });
    await this.#refresh;
  }

  close(): void {
    for (const request of this.#requests.values()) {
      request.own?.(failureResponse("closed", "the connection closed"));
    }
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
    this.#requests.delete(response.id);
    this.#deliver(verified, extra);
  }

  /** Verifies one page together with those before it. */
  async #admit(
    { result }: JsonRpcMessage,
    { cursor, version }: ListRequest,
  ): Promise<ListedPage & { readonly admitted: readonly AdmittedTool[] }> {
    const page = this.#pages.add(cursor, result, version);
    if (page === undefined) throw new Error("the server's tool list is malformed or too long");
    const admitted = await this.#options.gate.verifyTools(page.tools, this.#options.server);
    if (page.nextCursor === undefined) this.#listed = Math.max(this.#listed, page.version);
    return { ...page, admitted };
  }

  /** Lists and verifies everything again, on the guard's own account. */
  async #listAll(): Promise<void> {
    try {
      let cursor: string | undefined;
      do {
        const request = { cursor, version: this.#noticed };
        const page = await this.#admit(await this.#ask(request), request);
        cursor = page.nextCursor;
      } while (cursor !== undefined);
    } catch {
      await this.#options.gate.verifyTools([], this.#options.server);
    }
  }

  async #ask({ cursor, version }: ListRequest): Promise<JsonRpcMessage> {
    this.#ownRequests += 1;
    const id = `symbiont-guard-${this.#ownRequests}`;
    const { params = {}, options } = this.#asked ?? {};
    const request: JsonRpcMessage = {
      jsonrpc: "2.0",
      id,
      method: "tools/list",
      params: cursor === undefined ? params : { ...params, cursor },
    };
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      return await new Promise<JsonRpcMessage>((resolve, reject) => {
        const timeoutMs = this.#options.listTimeoutMs ?? DEFAULT_LIST_TIMEOUT_MS;
        timer = setTimeout(() => reject(new Error("the server did not list its tools in time")), timeoutMs);
        this.#requests.set(id, { cursor, version, own: resolve });
        this.#inner.send(request, options).catch(reject);
      });
    } finally {
      clearTimeout(timer);
      this.#requests.delete(id);
    }
  }
}
