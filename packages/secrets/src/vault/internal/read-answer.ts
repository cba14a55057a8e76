import { JsonNumber, type JsonTree, type JsonTreeObject, parseJsonTree } from "@symbiont/kit";
import { SecretError } from "../../errors.ts";

/** Reads a JSON object. The names `constructor` and `prototype` are ordinary names of secrets. */
export function readJsonObject(bytes: Uint8Array): JsonTreeObject {
  let tree: JsonTree;
  try {
    tree = parseJsonTree(bytes, { maxBytes: Math.max(1, bytes.length), reservedNames: [] });
  } catch {
    // Without the parser's error, which shows what it could not read.
    throw invalid("something that is not JSON");
  }
  if (!isObject(tree)) throw invalid("JSON that is not an object");
  return tree;
}

/** Whether it is a JSON object. */
export function isObject(tree: JsonTree | undefined): tree is JsonTreeObject {
  return typeof tree === "object" && tree !== null && !Array.isArray(tree) && !(tree instanceof JsonNumber);
}

/** The object under that name. @throws SecretError `SECRET_ANSWER_INVALID`. */
export function objectIn(parent: JsonTreeObject, name: string): JsonTreeObject {
  const member = parent[name];
  if (isObject(member)) return member;
  throw invalid(`no object '${name}'`);
}

/** The text under that name. @throws SecretError `SECRET_ANSWER_INVALID`. */
export function textIn(parent: JsonTreeObject, name: string): string {
  const member = parent[name];
  if (typeof member === "string" && member !== "") return member;
  throw invalid(`no text '${name}'`);
}

/** The whole number from 0 under that name. @throws SecretError `SECRET_ANSWER_INVALID`. */
export function numberIn(parent: JsonTreeObject, name: string): number {
  const member = parent[name];
  const value = member instanceof JsonNumber ? member.value : Number.NaN;
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw invalid(`no whole number '${name}'`);
}

/** The instant under that name, in epoch milliseconds; undefined when it is empty, as Vault writes "never". */
export function instantIn(parent: JsonTreeObject, name: string): number | undefined {
  const member = parent[name];
  if (typeof member !== "string" || member === "") return undefined;
  const instant = Date.parse(member);
  if (Number.isNaN(instant)) throw invalid(`no instant '${name}'`);
  return instant;
}

/** The texts of Vault's error answer, which are looked at and never passed on: they may repeat what was sent. */
export function errorTexts(body: JsonTreeObject): readonly string[] | undefined {
  const errors = body["errors"];
  return Array.isArray(errors) ? errors.filter((text: JsonTree) => typeof text === "string") : undefined;
}

function invalid(what: string): SecretError {
  return new SecretError("SECRET_ANSWER_INVALID", `Vault answered with ${what}`);
}
