import type { ToolDefinition } from "@symbiont/kit";
import { isObject } from "./json-rpc.ts";

/** Bounds of a server's tool list. */
export interface ListLimits {
  readonly maxPages: number;
  readonly maxTools: number;
}

/** One page of a tool list together with all pages before it. */
export interface ListedPage {
  /** Every well-formed tool of the list so far. */
  readonly tools: readonly ToolDefinition[];
  /** Names on this page. */
  readonly names: ReadonlySet<string>;
  readonly nextCursor?: string;
  /** The oldest version that any of the pages was asked for at. */
  readonly version: number;
}

interface PagesSoFar {
  readonly tools: readonly ToolDefinition[];
  readonly pages: number;
  readonly version: number;
}

/**
 * Follows a paged tool list, so that each page is verified together with the pages before it: a name that two
 * pages claim shows. Lists that run at the same time are told apart by their cursors.
 */
export class ToolPages {
  readonly #limits: ListLimits;
  readonly #byCursor = new Map<string, PagesSoFar>();

  constructor(limits: ListLimits) {
    this.#limits = limits;
  }

  /**
   * Reads the answer to a `tools/list` with the given cursor; undefined when it is not a usable list.
   * @param asked the version of the list that was current when the page was asked for.
   */
  add(cursor: string | undefined, result: unknown, asked: number): ListedPage | undefined {
    if (!isObject(result) || !Array.isArray(result["tools"])) return undefined;
    const before = cursor === undefined ? undefined : this.#byCursor.get(cursor);
    if (cursor !== undefined) this.#byCursor.delete(cursor);
    const page = result["tools"].filter(isToolDefinition);
    const tools = [...(before?.tools ?? []), ...page];
    const pages = (before?.pages ?? 0) + 1;
    const version = Math.min(before?.version ?? asked, asked);
    if (pages > this.#limits.maxPages || tools.length > this.#limits.maxTools) return undefined;
    const names = new Set(page.map(({ name }) => name));
    const nextCursor = result["nextCursor"];
    if (typeof nextCursor !== "string") return { tools, names, version };
    // A host that never follows its cursors must not fill the memory.
    if (this.#byCursor.size >= this.#limits.maxPages) this.#byCursor.clear();
    this.#byCursor.set(nextCursor, { tools, pages, version });
    return { tools, names, nextCursor, version };
  }
}

function isToolDefinition(value: unknown): value is ToolDefinition {
  return isObject(value) && typeof value["name"] === "string" && isObject(value["inputSchema"]);
}
