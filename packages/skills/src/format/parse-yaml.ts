import { type JsonValue, parseJson } from "@symbiont/kit";
import { indentOf, type YamlLine, YamlLines } from "./yaml-lines.ts";
import { checkPlain, coreValue, parseScalar, stripComment } from "./yaml-scalar.ts";

/** How plain scalars are read: as YAML's core schema has them, or each as the text that it is. */
export type ScalarReading = "core" | "text";

const KEY = /^([A-Za-z_][\w./-]*)[ ]*:(?:[ ]+|$)/;
const REFUSED_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);
const MAX_DEPTH = 8;

/**
 * Reads the part of YAML that the frontmatter of skills is written in: nested block mappings, lists of scalars, all
 * scalar styles, and JSON where YAML allows it. Everything else, anchors, aliases, tags and merge keys among it, is
 * refused, so that no other reader can understand an accepted text differently. Takes linear time.
 *
 * @throws SyntaxError, KitError
 */
export function parseYamlMapping(
  source: string,
  scalars: ScalarReading,
): { readonly [name: string]: JsonValue } {
  if (/[\0-\x08\x0b\x0c\x0e-\x1f\x7f\x85\u2028\u2029\ufeff]|\r(?!\n)/.test(source)) {
    throw new SyntaxError("a control character");
  }
  const lines = new YamlLines(source);
  const value = new MappingReader(lines, scalars).mapping(0, 0);
  if (lines.peek() !== undefined) throw new SyntaxError("indentation does not fit");
  return value;
}

class MappingReader {
  readonly #lines: YamlLines;
  readonly #scalars: ScalarReading;

  constructor(lines: YamlLines, scalars: ScalarReading) {
    this.#lines = lines;
    this.#scalars = scalars;
  }

  mapping(indent: number, depth: number): { [name: string]: JsonValue } {
    if (depth > MAX_DEPTH) throw new SyntaxError("nested too deep");
    const members: { [name: string]: JsonValue } = {};
    for (let line = this.#lines.peek(); line?.indent === indent; line = this.#lines.peek()) {
      const [matched, name = ""] = KEY.exec(line.text) ?? [];
      if (matched === undefined) throw new SyntaxError("a line is no member of a mapping");
      if (REFUSED_KEYS.has(name) || typeof coreValue(name) !== "string")
        throw new SyntaxError("a refused name");
      if (Object.hasOwn(members, name)) throw new SyntaxError("a name occurs twice");
      this.#lines.skip();
      members[name] = this.#value(line.text.slice(matched.length), indent, depth);
    }
    return members;
  }

  #value(source: string, indent: number, depth: number): JsonValue {
    const text = source.trim();
    if (text === "" || text.startsWith("#")) return this.#below(indent, depth);
    const [header, style = "", chomp = ""] = /^([|>])(-?)(?:\s+#.*)?$/.exec(text) ?? [];
    if (header !== undefined) return blockScalar(this.#lines.takeBlock(indent), style === ">", chomp);
    const value = this.#inline(text);
    const isPlain = !/^["'[{]/.test(text);
    const next = this.#lines.peek();
    if (next === undefined || next.indent <= indent) return value;
    if (!isPlain || stripComment(text) !== text) throw new SyntaxError("indentation does not fit");
    return this.#scalar(foldPlain([text, ...this.#lines.takeBlock(indent)]));
  }

  #below(indent: number, depth: number): JsonValue {
    const next = this.#lines.peek();
    const isList = next !== undefined && /^-(?: |$)/.test(next.text);
    if (isList && next.indent >= indent) return this.#list(next.indent);
    if (next === undefined || next.indent <= indent) return this.#scalar("");
    if (KEY.test(next.text)) return this.mapping(next.indent, depth + 1);
    const block = this.#lines.takeBlock(indent).filter((line) => !/^\s*#/.test(line));
    const [first = "", ...rest] = block.slice(block.findIndex((line) => line.trim() !== ""));
    if (rest.every((line) => line.trim() === "")) return this.#inline(first.trim());
    checkPlain(first.trim());
    return this.#scalar(foldPlain([first, ...rest]));
  }

  #list(indent: number): readonly JsonValue[] {
    const items: JsonValue[] = [];
    const isItem = (line: YamlLine | undefined): line is YamlLine =>
      line?.indent === indent && /^-(?: |$)/.test(line.text);
    for (let line = this.#lines.peek(); isItem(line); line = this.#lines.peek()) {
      const text = line.text.slice(1).trim();
      if (KEY.test(text) || /^[-|>]/.test(text)) throw new SyntaxError("a list holds more than scalars");
      this.#lines.skip();
      items.push(this.#inline(text));
    }
    return items;
  }

  #inline(text: string): JsonValue {
    if (!/^[[{]/.test(text)) {
      const scalar = parseScalar(text);
      return this.#scalars === "text" ? scalar.text : jsonOf(scalar.value);
    }
    const source = stripComment(text).trimEnd();
    const [list, items = ""] = /^\[([\w ,./*:()-]*)\]$/.exec(source) ?? [];
    if (list === undefined) return parseJson(source, { maxDepth: MAX_DEPTH });
    if (items.trim() === "") return [];
    return items.split(",").map((item) => this.#flowItem(item.trim()));
  }

  #flowItem(item: string): JsonValue {
    // Where words end is told apart differently inside brackets; a colon or an empty item is left to others.
    if (item === "" || item.includes(":")) throw new SyntaxError("a list in brackets holds more than words");
    return this.#inline(item);
  }

  #scalar(text: string): JsonValue {
    return this.#scalars === "text" ? text : jsonOf(coreValue(text));
  }
}

function jsonOf(value: string | number | boolean | null): JsonValue {
  if (typeof value === "number" && !Number.isFinite(value))
    throw new SyntaxError("a number that JSON has not");
  return value;
}

/** Lines of one plain scalar: a line break is a blank, each empty line one line break. */
function foldPlain(lines: readonly string[]): string {
  const parts = lines.map((line) => line.trim());
  while (parts.at(-1) === "") parts.pop();
  while (parts[0] === "") parts.shift();
  for (const part of parts) {
    if (part.startsWith("#") || /\s#/.test(part)) throw new SyntaxError("a comment inside a scalar");
    if (/:(?:\s|$)/.test(part)) throw new SyntaxError("a plain scalar holds a colon; quote it");
  }
  return joinFolded(parts);
}

function joinFolded(parts: readonly string[]): string {
  let text = "";
  let empty = 0;
  for (const [index, part] of parts.entries()) {
    if (part === "") empty += 1;
    else {
      if (index > 0) text += empty === 0 ? " " : "\n".repeat(empty);
      text += part;
      empty = 0;
    }
  }
  return text;
}

function blockScalar(lines: readonly string[], isFolded: boolean, chomp: string): string {
  const first = lines.find((line) => line.trim() !== "");
  if (first === undefined) return "";
  const indent = indentOf(first);
  const content = lines.map((line) => {
    if (line.trim() !== "" && indentOf(line) < indent) throw new SyntaxError("indentation does not fit");
    if (line.trim() === "" && line.length > indent)
      throw new SyntaxError("blanks alone on a line of a block");
    return line.slice(indent);
  });
  let end = content.length;
  while (end > 0 && content[end - 1] === "") end -= 1;
  const body = content.slice(0, end);
  const isIndented = body.some((line) => /^\s/.test(line));
  if (isFolded && (isIndented || body[0] === "")) throw new SyntaxError("a folded block with indented lines");
  if (body.at(0) === "" && lines.some((line, index) => index < end && line.trim() === "" && line !== "")) {
    throw new SyntaxError("blanks alone on a line of a block");
  }
  const text = isFolded ? joinFolded(body) : body.join("\n");
  return chomp === "-"
    ? text
    : `${text}
`;
}
