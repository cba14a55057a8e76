import { JsonNumber, type JsonTree, parseJsonTree, quoteJsonString } from "@symbiont/kit";
import { floatText } from "./float-text.ts";
import { type Entries, unreadable } from "./plain-format.ts";

const MAX_BYTES = 16 << 20;
const LEAST_INTEGER = -(2n ** 63n);
const LARGEST_INTEGER = 2n ** 64n - 1n;

/**
 * A JSON object; whatever is no string becomes its compact JSON text.
 *
 * Differs from Symbiont: a name that comes twice is refused, because nobody can say which value was meant.
 */
export function jsonEntries(text: string): Entries {
  let tree: JsonTree;
  try {
    tree = parseJsonTree(text, { maxBytes: MAX_BYTES, reservedNames: [] });
  } catch {
    throw unreadable("not strict JSON");
  }
  if (!isObject(tree)) throw unreadable("the JSON root is not an object");
  return new Map(
    Object.entries(tree).map(([name, value]) => [name, typeof value === "string" ? value : compact(value)]),
  );
}

function isObject(
  tree: JsonTree,
): tree is Exclude<JsonTree, string | boolean | null | JsonNumber | readonly JsonTree[]> {
  return typeof tree === "object" && tree !== null && !Array.isArray(tree) && !(tree instanceof JsonNumber);
}

/** Numbers as Symbiont keeps them: integers of 64 bits exactly, everything else as a double. */
function numberText({ raw, value }: JsonNumber): string {
  if (!/^-?[0-9]+$/.test(raw) || raw === "-0") return floatText(value);
  const integer = BigInt(raw);
  return LEAST_INTEGER <= integer && integer <= LARGEST_INTEGER ? raw : floatText(value);
}

/** Members stay in the order of the text. */
function compact(tree: JsonTree): string {
  if (tree === null || typeof tree === "boolean") return String(tree);
  if (typeof tree === "string") return quoteJsonString(tree);
  if (tree instanceof JsonNumber) return numberText(tree);
  if (!isObject(tree)) return `[${tree.map(compact).join(",")}]`;
  const members = Object.entries(tree).map(([name, value]) => `${quoteJsonString(name)}:${compact(value)}`);
  return `{${members.join(",")}}`;
}
