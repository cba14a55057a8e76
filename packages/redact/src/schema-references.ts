/** A schema that a reference leads to, and the resource it stands in. */
export interface ResolvedReference {
  readonly schema: unknown;
  readonly base: unknown;
}

type Resolution = ResolvedReference | undefined;

const REFERENCES = ["$ref", "$dynamicRef", "$recursiveRef"] as const;

/**
 * Finds what references of one schema document lead to, inside that document. Nothing is fetched: what is not
 * in the document resolves to `undefined`.
 */
export class SchemaReferences {
  readonly #root: unknown;
  /** Embedded resources by `$id`, as written. Several may have one, data among them, and any of them may be meant. */
  readonly #resources = new Map<string, object[]>();
  /** Plain-name anchors. Several schemas may share a dynamic one, and any of them may be meant. */
  readonly #anchors = new Map<string, ResolvedReference[]>();

  constructor(root: unknown) {
    this.#root = root;
    this.#collect();
  }

  /** Everything that a schema refers to; `undefined` among it for what cannot be resolved. */
  of(schema: Readonly<Record<string, unknown>>, base: unknown): Resolution[] {
    const found: Resolution[] = [];
    for (const keyword of REFERENCES) {
      if (!(keyword in schema)) continue;
      const reference = schema[keyword];
      found.push(...(typeof reference === "string" ? this.#resolve(reference, base) : [undefined]));
    }
    return [...found, ...this.#mapped(schema["discriminator"])];
  }

  /** OpenAPI: a discriminator may name subtypes that no `oneOf` lists. */
  #mapped(discriminator: unknown): Resolution[] {
    if (typeof discriminator !== "object" || discriminator === null) return [];
    const { mapping } = discriminator as { readonly mapping?: unknown };
    if (typeof mapping !== "object" || mapping === null) return [];
    return Object.values(mapping).flatMap((target: unknown) => {
      if (typeof target !== "string") return [undefined];
      const isName = /^[\w.-]+$/.test(target);
      return this.#resolve(isName ? `#/components/schemas/${target}` : target, this.#root);
    });
  }

  #resolve(reference: string, base: unknown): Resolution[] {
    const [document = "", fragment = ""] = splitOnce(reference, "#");
    const resources = document === "" ? [base] : (this.#resources.get(document) ?? []);
    if (resources.length === 0) return [undefined];
    if (fragment === "") return resources.map((resource) => ({ schema: resource, base: resource }));
    if (fragment.startsWith("/")) return resources.map((resource) => followPointer(resource, fragment));
    return this.#anchors.get(fragment) ?? [undefined];
  }

  /** Visits the whole document, data included: an anchor that is no schema's is never referred to. */
  #collect(): void {
    const seen = new Set<object>();
    const waiting: [unknown, unknown][] = [[this.#root, this.#root]];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const [value, outerBase] = next;
      if (typeof value !== "object" || value === null || seen.has(value)) continue;
      seen.add(value);
      const base = Array.isArray(value) ? outerBase : this.#name(value as Record<string, unknown>, outerBase);
      for (const member of Object.values(value)) waiting.push([member, base]);
    }
  }

  #name(schema: Readonly<Record<string, unknown>>, outerBase: unknown): unknown {
    const id = schema["$id"];
    const isResource = typeof id === "string" && !id.startsWith("#");
    const base = isResource ? schema : outerBase;
    if (isResource) {
      const name = id.replace(/#$/, "");
      this.#resources.set(name, [...(this.#resources.get(name) ?? []), schema]);
    }
    const anchors = [schema["$anchor"], schema["$dynamicAnchor"], isResource ? undefined : id];
    for (const anchor of anchors) {
      if (typeof anchor !== "string") continue;
      const name = anchor.replace(/^#/, "");
      this.#anchors.set(name, [...(this.#anchors.get(name) ?? []), { schema, base }]);
    }
    return base;
  }
}

/** RFC 6901, in its URI fragment form. Resources passed on the way become the base. */
function followPointer(resource: unknown, pointer: string): Resolution {
  let schema = resource;
  let base = resource;
  for (const part of pointer.slice(1).split("/")) {
    const name = decodePart(part);
    if (name === undefined || typeof schema !== "object" || schema === null || !Object.hasOwn(schema, name))
      return undefined;
    schema = (schema as Readonly<Record<string, unknown>>)[name];
    if (
      typeof schema === "object" &&
      schema !== null &&
      typeof (schema as { $id?: unknown }).$id === "string"
    )
      base = schema;
  }
  return { schema, base };
}

function decodePart(part: string): string | undefined {
  try {
    return decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
  } catch {
    return undefined;
  }
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
