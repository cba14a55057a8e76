import { safePattern } from "./safe-pattern.ts";
import { isMarked, type SchemaMarkers } from "./schema-markers.ts";
import { SchemaReferences } from "./schema-references.ts";

/** What one place of a schema says about redaction. Edges may lead back: recursive schemas are loops. */
export interface SchemaNode {
  /** A marker stands here: the value and all below it are secret. */
  sensitive: boolean;
  /** Nothing is known about the value: a remote or dangling reference, or something that is no schema. */
  unreadable: boolean;
  /** Schemas of the same value: alternatives, conjunctions and references alike. */
  readonly same: SchemaNode[];
  readonly members: Map<string, SchemaNode>;
  readonly patterns: {
    readonly matches: ((name: string) => boolean) | undefined;
    readonly node: SchemaNode;
  }[];
  /** Members that neither `members` nor `patterns` name. */
  readonly otherMembers: SchemaNode[];
  readonly prefix: SchemaNode[];
  /** Items behind the prefix. */
  readonly otherItems: SchemaNode[];
  /** Items anywhere. */
  readonly anyItem: SchemaNode[];
  /** The document inside a string (`contentSchema`). */
  readonly content: SchemaNode[];
  /** The names of members. */
  readonly names: SchemaNode[];
}

const SAME_LISTS = ["allOf", "anyOf", "oneOf"] as const;
const SAME = ["if", "then", "else", "not", "extends"] as const;
const SAME_MAPS = ["dependentSchemas"] as const;

/**
 * Reads a JSON Schema (draft-07, 2020-12, OpenAPI 3.x) into a graph, without fetching anything and without
 * running anything of the schema but patterns that cannot take long.
 */
export function readSchema(root: unknown, markers: SchemaMarkers): SchemaNode {
  return new SchemaReader(root, markers).read(root, root);
}

class SchemaReader {
  readonly #references: SchemaReferences;
  readonly #markers: SchemaMarkers;
  readonly #nodes = new Map<object, SchemaNode>();
  /** Schemas that have a node but have not been looked into yet: a list, so that depth costs no stack. */
  readonly #waiting: (() => void)[] = [];

  constructor(root: unknown, markers: SchemaMarkers) {
    this.#references = new SchemaReferences(root);
    this.#markers = markers;
  }

  read(schema: unknown, base: unknown): SchemaNode {
    const node = this.#node(schema, base);
    for (let next = this.#waiting.pop(); next !== undefined; next = this.#waiting.pop()) next();
    return node;
  }

  /** @param base the schema resource that `schema` stands in, which its references start from. */
  #node(schema: unknown, base: unknown): SchemaNode {
    if (typeof schema === "boolean") return emptyNode();
    if (typeof schema !== "object" || schema === null || Array.isArray(schema)) return unreadableNode();
    const known = this.#nodes.get(schema);
    if (known !== undefined) return known;
    const node = emptyNode();
    this.#nodes.set(schema, node);
    this.#waiting.push(() => {
      this.#fill(node, schema as Readonly<Record<string, unknown>>, base);
    });
    return node;
  }

  #fill(node: SchemaNode, schema: Readonly<Record<string, unknown>>, outerBase: unknown): void {
    const id = schema["$id"];
    const base = typeof id === "string" && !id.startsWith("#") ? schema : outerBase;
    node.sensitive = isMarked(schema, this.#markers);
    this.#fillSame(node, schema, base);
    this.#fillMembers(node, schema, base);
    this.#fillItems(node, schema, base);
    if ("contentSchema" in schema) node.content.push(this.#node(schema["contentSchema"], base));
  }

  #fillSame(node: SchemaNode, schema: Readonly<Record<string, unknown>>, base: unknown): void {
    for (const keyword of SAME_LISTS)
      for (const branch of this.#list(node, schema[keyword])) node.same.push(this.#node(branch, base));
    for (const keyword of SAME) if (keyword in schema) node.same.push(this.#node(schema[keyword], base));
    for (const keyword of SAME_MAPS)
      for (const [, branch] of this.#entries(node, schema[keyword])) node.same.push(this.#node(branch, base));
    for (const [, branch] of this.#entries(node, schema["dependencies"]))
      if (!Array.isArray(branch)) node.same.push(this.#node(branch, base));
    for (const reference of this.#references.of(schema, base)) {
      if (reference === undefined) node.unreadable = true;
      else node.same.push(this.#node(reference.schema, reference.base));
    }
  }

  #fillMembers(node: SchemaNode, schema: Readonly<Record<string, unknown>>, base: unknown): void {
    for (const [name, member] of this.#entries(node, schema["properties"]))
      node.members.set(name, this.#node(member, base));
    for (const [pattern, member] of this.#entries(node, schema["patternProperties"]))
      node.patterns.push({ matches: safePattern(pattern), node: this.#node(member, base) });
    for (const keyword of ["additionalProperties", "unevaluatedProperties"])
      if (keyword in schema) node.otherMembers.push(this.#node(schema[keyword], base));
    if ("propertyNames" in schema) node.names.push(this.#node(schema["propertyNames"], base));
  }

  #fillItems(node: SchemaNode, schema: Readonly<Record<string, unknown>>, base: unknown): void {
    const { items } = schema as { readonly items?: unknown };
    const prefix = Array.isArray(items) ? items : this.#list(node, schema["prefixItems"]);
    for (const item of prefix) node.prefix.push(this.#node(item, base));
    if (items !== undefined && !Array.isArray(items)) node.otherItems.push(this.#node(items, base));
    for (const keyword of ["additionalItems", "unevaluatedItems"])
      if (keyword in schema) node.otherItems.push(this.#node(schema[keyword], base));
    if ("contains" in schema) node.anyItem.push(this.#node(schema["contains"], base));
  }

  #list(node: SchemaNode, value: unknown): readonly unknown[] {
    if (Array.isArray(value)) return value;
    if (value !== undefined) node.unreadable = true;
    return [];
  }

  #entries(node: SchemaNode, value: unknown): [string, unknown][] {
    if (value === undefined) return [];
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return Object.entries(value);
    node.unreadable = true;
    return [];
  }
}

function emptyNode(): SchemaNode {
  return {
    sensitive: false,
    unreadable: false,
    same: [],
    members: new Map(),
    patterns: [],
    otherMembers: [],
    prefix: [],
    otherItems: [],
    anyItem: [],
    content: [],
    names: [],
  };
}

/** A place that nothing is known about. */
export function unreadableNode(): SchemaNode {
  return { ...emptyNode(), unreadable: true };
}
