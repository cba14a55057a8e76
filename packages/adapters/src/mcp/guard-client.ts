import { frozenCopy } from "@symbiont/kit";
import { DEFAULT_MAX_PAGES, DEFAULT_MAX_TOOLS, type GuardTransportOptions } from "./guard-options.ts";
import { guardTransport } from "./guard-transport.ts";
import type { McpTransport } from "./transport.ts";

/**
 * What the clients of `@modelcontextprotocol/sdk` (v1) and `@modelcontextprotocol/client` (v2) have in common.
 * Structural, so no host package is imported.
 */
export interface McpClient {
  readonly transport?: object | undefined;
  connect(transport: never, options?: never): Promise<void>;
  listTools(params?: never, options?: never): Promise<{ readonly tools: readonly object[] }>;
}

type Connect = (...parameters: readonly unknown[]) => Promise<void>;

interface ListParams {
  readonly cursor?: string;
}

interface ListResult {
  readonly tools: readonly object[];
  readonly nextCursor?: string | undefined;
}

/**
 * Puts a gate around an MCP client that is not connected yet. Every transport it connects to is guarded as by
 * {@link guardTransport}, whatever part of the client then uses it; and `listTools` gives all pages at once, as frozen
 * copies.
 *
 * Use what is returned in place of the client, which itself refuses to connect from now on. One server for each client: `options.server` names it.
 *
 * @throws TypeError when the client is connected already: what it has listed was not verified.
 */
export function guardClient<T extends McpClient>(client: T, options: GuardTransportOptions): T {
  if (client.transport !== undefined) throw new TypeError("client must be guarded before it is connected");
  const bare: unknown = Reflect.get(client, "connect", client);
  const connect = async (transport: McpTransport, ...rest: readonly unknown[]): Promise<void> =>
    Reflect.apply(bare as Connect, client, [guardTransport(transport, options), ...rest]);
  Object.defineProperty(client, "connect", { value: refuse, writable: true, configurable: true });
  const listTools = async (params: ListParams = {}, ...rest: readonly unknown[]): Promise<ListResult> => {
    const list = async (page: ListParams): Promise<ListResult> => listOf(client, page, ...rest);
    return frozenCopy(
      params.cursor === undefined ? await allPages(list, params, options) : await list(params),
    );
  };
  return new Proxy(client, {
    get(target, property): unknown {
      if (property === "connect") return connect;
      if (property === "listTools") return listTools;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
    set: (target, property, value) => Reflect.set(target, property, value, target),
  });
}

/** Whoever went on with the client itself would not be guarded, and would not notice. */
async function refuse(): Promise<never> {
  throw new TypeError("this client is guarded: connect the one that guardClient has returned");
}

async function allPages(
  list: (params: ListParams) => Promise<ListResult>,
  params: ListParams,
  { maxPages = DEFAULT_MAX_PAGES, maxTools = DEFAULT_MAX_TOOLS }: GuardTransportOptions,
): Promise<ListResult> {
  const { nextCursor: first, ...result } = await list(params);
  const tools = [...result.tools];
  let cursor = first;
  for (let pages = 1; cursor !== undefined; pages += 1) {
    if (pages >= maxPages || tools.length > maxTools) throw new Error("the server's tool list is too long");
    const page = await list({ ...params, cursor });
    tools.push(...page.tools);
    cursor = page.nextCursor;
  }
  return { ...result, tools };
}

/** Clients of both versions take more parameters than they have in common. */
async function listOf(client: McpClient, ...parameters: readonly unknown[]): Promise<ListResult> {
  const list: unknown = Reflect.get(client, "listTools", client);
  return Reflect.apply(
    list as (...parameters: readonly unknown[]) => Promise<ListResult>,
    client,
    parameters,
  );
}
