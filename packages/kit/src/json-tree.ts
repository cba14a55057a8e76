import { quoteJsonString } from "./canonical-json.ts";
import { JsonNumber, type JsonTree, type JsonTreeObject } from "./json-value.ts";

/** One way of writing a {@link JsonTree}: the order of names and the spelling of numbers and strings. */
export interface JsonForm {
  /** Orders two member names. */
  readonly compareNames: (a: string, b: string) => number;
  readonly number: (number: JsonNumber) => string;
  /** Writes a string or name with its quotes. */
  readonly string: (text: string) => string;
}

/**
 * Canonicalization `schemapin-v1`: names in code-point order, numbers as they were written, fewest escapes.
 * @see https://schemapin.org, specification section 5
 */
export const SCHEMAPIN_V1: JsonForm = {
  compareNames: compareCodePoints,
  number: (number) => number.raw,
  string: quoteJsonString,
};

/** Writes a tree without white space, in the given form. */
export function writeJsonTree(tree: JsonTree, form: JsonForm): string {
  if (tree === null || typeof tree === "boolean") return String(tree);
  if (typeof tree === "string") return form.string(tree);
  if (tree instanceof JsonNumber) return form.number(tree);
  return Array.isArray(tree) ? writeArray(tree, form) : writeObject(tree as JsonTreeObject, form);
}

function writeArray(items: readonly JsonTree[], form: JsonForm): string {
  let text = "[";
  for (let index = 0; index < items.length; index += 1) {
    if (index > 0) text += ",";
    text += writeJsonTree(items[index] as JsonTree, form);
  }
  return `${text}]`;
}

function writeObject(members: JsonTreeObject, form: JsonForm): string {
  const names = Object.keys(members);
  if (names.length > 1) names.sort(form.compareNames);
  let text = "{";
  for (let index = 0; index < names.length; index += 1) {
    if (index > 0) text += ",";
    const name = names[index] as string;
    text += `${form.string(name)}:${writeJsonTree(members[name] as JsonTree, form)}`;
  }
  return `${text}}`;
}

/** Orders two well-formed texts by Unicode code point, which is also the order of their UTF-8 bytes. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const unitA = a.charCodeAt(index);
    const unitB = b.charCodeAt(index);
    if (unitA !== unitB) return rank(unitA) - rank(unitB);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above all other code units. */
function rank(unit: number): number {
  return (unit & 0xf800) === 0xd800 ? unit + 0x10000 : unit;
}
