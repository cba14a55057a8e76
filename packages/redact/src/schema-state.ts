import { MemberMemory } from "./member-memory.ts";
import { type SchemaNode, unreadableNode } from "./schema-node.ts";

const UNSEEN = Symbol("unseen");

/**
 * All that a schema says about one value: the set of schema nodes that may describe it, together. The states of
 * a schema are made as values are walked and kept, so that a second walk only looks them up.
 */
export class SchemaState {
  /** Some node that may describe the value is marked: redact. */
  readonly sensitive: boolean;
  /** Some node that may describe the value is unknown: redact. */
  readonly unreadable: boolean;
  /** Something at or below this place is marked or unknown. */
  readonly guarded: boolean;
  /** A string here holds a document that has a schema of its own. */
  readonly hasContent: boolean;
  /** About the members of the last object that was walked here. */
  readonly memory: MemberMemory<SchemaState> = new MemberMemory();
  readonly #nodes: readonly SchemaNode[];
  readonly #graph: SchemaGraph;
  /** By name: `UNSEEN` until looked up, `null` when nothing is known. Names that no schema lists are not in it. */
  readonly #members = new Map<string, SchemaState | null | typeof UNSEEN>();
  /** Of all names that no schema lists, unless there are patterns to match them with. */
  #others: SchemaState | null | typeof UNSEEN = UNSEEN;
  #items: (SchemaState | undefined)[] = [];
  #parsed: SchemaState | undefined;
  readonly #longestPrefix: number;
  readonly #hasPatterns: boolean;

  constructor(nodes: readonly SchemaNode[], graph: SchemaGraph) {
    this.#nodes = nodes;
    this.#graph = graph;
    // A secret name cannot be replaced by itself, so the whole object goes.
    const judged = [...nodes, ...closeOver(nodes.flatMap((node) => node.names))];
    this.sensitive = judged.some((node) => node.sensitive);
    this.unreadable = judged.some((node) => node.unreadable);
    this.guarded = isGuarded(nodes);
    this.hasContent = nodes.some((node) => node.content.length > 0);
    this.#hasPatterns = nodes.some((node) => node.patterns.length > 0);
    for (const node of nodes) for (const name of node.members.keys()) this.#members.set(name, UNSEEN);
    this.#longestPrefix = Math.max(0, ...nodes.map((node) => node.prefix.length));
  }

  /** What is known about the member `name`; `undefined` when nothing is. */
  member(name: string): SchemaState | undefined {
    if (!this.guarded) return undefined;
    const known = this.#members.get(name);
    if (known === undefined) return this.#unlisted(name);
    if (known !== UNSEEN) return known ?? undefined;
    const state = this.#memberState(name);
    this.#members.set(name, state ?? null);
    return state;
  }

  /** With patterns, these names are the caller's and endless, so that the answer is not kept. */
  #unlisted(name: string): SchemaState | undefined {
    if (this.#hasPatterns) return this.#memberState(name);
    if (this.#others === UNSEEN) this.#others = this.#memberState(name) ?? null;
    return this.#others ?? undefined;
  }

  #memberState(name: string): SchemaState | undefined {
    return guardedOnly(this.#graph.state(this.#memberNodes(name)));
  }

  #memberNodes(name: string): SchemaNode[] {
    const next: SchemaNode[] = [];
    for (const node of this.#nodes) {
      const member = node.members.get(name);
      if (member !== undefined) next.push(member);
      let matched = member !== undefined;
      for (const { matches, node: described } of node.patterns) {
        if (matches !== undefined && !matches(name)) continue;
        next.push(described);
        // A pattern that could not be run says nothing about what the other keywords describe.
        if (matches !== undefined) matched = true;
      }
      if (!matched) next.push(...node.otherMembers);
    }
    return next;
  }

  /** What is known about the item at `index`. */
  item(index: number): SchemaState | undefined {
    if (!this.guarded) return undefined;
    const slot = Math.min(index, this.#longestPrefix);
    if (slot in this.#items) return this.#items[slot];
    const next = this.#nodes.flatMap((node) => {
      const own = node.prefix[slot];
      return [...(own === undefined ? node.otherItems : [own]), ...node.anyItem];
    });
    const state = guardedOnly(this.#graph.state(next));
    this.#items[slot] = state;
    return state;
  }

  /** What is known about the document that a string here holds. */
  parsed(): SchemaState {
    if (!this.hasContent) return this;
    this.#parsed ??= this.#graph.state([...this.#nodes, ...this.#nodes.flatMap((node) => node.content)]);
    return this.#parsed ?? this;
  }
}

const MAX_STATES = 2_000;

/** The states of one schema, each made once. */
export class SchemaGraph {
  readonly #states = new Map<string, SchemaState>();
  readonly #numbers = new Map<SchemaNode, number>();

  /** The state of a value that any of `nodes` may describe; `undefined` when there are none. */
  state(nodes: readonly SchemaNode[]): SchemaState | undefined {
    const closed = closeOver(nodes);
    if (closed.length === 0) return undefined;
    const key = closed
      .map((node) => this.#number(node))
      .sort((a, b) => a - b)
      .join();
    let state = this.#states.get(key);
    if (state === undefined) {
      // A schema made to have endlessly many states gets no more of them, and everything there is redacted.
      if (this.#states.size >= MAX_STATES) return UNREADABLE;
      state = new SchemaState(closed, this);
      this.#states.set(key, state);
    }
    return state;
  }

  #number(node: SchemaNode): number {
    let number = this.#numbers.get(node);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(node, number);
    }
    return number;
  }
}

/** A place with nothing secret at or below it is like one that no schema describes. */
function guardedOnly(state: SchemaState | undefined): SchemaState | undefined {
  return state?.guarded === true ? state : undefined;
}

/** The nodes and all that describe the same value. */
function closeOver(nodes: readonly SchemaNode[]): SchemaNode[] {
  const closed = new Set<SchemaNode>(nodes);
  for (const node of closed) for (const other of node.same) closed.add(other);
  return [...closed];
}

function isGuarded(nodes: readonly SchemaNode[]): boolean {
  return reaches(nodes, (node) => node.sensitive || node.unreadable);
}

/** Whether something at or below a place of a schema cannot be read. */
export function hasUnreadable(root: SchemaNode): boolean {
  return reaches([root], (node) => node.unreadable);
}

function reaches(nodes: readonly SchemaNode[], holds: (node: SchemaNode) => boolean): boolean {
  const seen = new Set<SchemaNode>(nodes);
  for (const node of seen) {
    if (holds(node)) return true;
    for (const next of edges(node)) seen.add(next);
  }
  return false;
}

function edges(node: SchemaNode): SchemaNode[] {
  return [
    ...node.same,
    ...node.members.values(),
    ...node.patterns.map((pattern) => pattern.node),
    ...node.otherMembers,
    ...node.prefix,
    ...node.otherItems,
    ...node.anyItem,
    ...node.content,
    ...node.names,
  ];
}

/** Of a value whose schema is not known: everything is redacted. */
export const UNREADABLE: SchemaState = new SchemaState([unreadableNode()], new SchemaGraph());
