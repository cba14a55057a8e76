import type { Reading } from "./visible-line.ts";

/** What makes a shell reading differ from the line. */
const TRIGGER =
  /[\w/.]["'][\w/.-]{0,24}["']|["'][\w/.-]{1,24}["'][\w/.]|\w\\\w|\\["'|]|\$\{?IFS|["']\s{0,4}\+\s{0,4}["']|\w[`^]\w|\$\{?\w|\$@|\$\*/;
const ASSIGNMENT =
  /(?:^|[;&|\s(])(?:export\s{1,3}|local\s{1,3}|set\s{1,3}|\$)?([A-Za-z_]\w{0,30})\s?=\s?(?:"([^"$`\n]{0,120})"|'([^'\n]{0,120})'|([^\s;&|"'$`()<>]{0,120}))(?=[;&|\s)]|$)/g;
const MAX_LENGTH = 8192;

/** Fixed texts that variables are given in a file, by name, each with where that is, in order. */
export type FixedVariables = ReadonlyMap<string, readonly { readonly at: number; readonly value: string }[]>;

/** Finds variables that are given a fixed text somewhere in a file. */
export function fixedVariables(text: string): FixedVariables {
  const variables = new Map<string, { readonly at: number; readonly value: string }[]>();
  for (const match of text.matchAll(ASSIGNMENT)) {
    const [, name = "", double, single, bare] = match;
    const given = { at: match.index, value: double ?? single ?? bare ?? "" };
    const known = variables.get(name);
    if (known === undefined) variables.set(name, [given]);
    else known.push(given);
  }
  return variables;
}

/** What a variable was given last before a place; what it is given first when that comes later, as in a loop. */
function valueAt(variables: FixedVariables, name: string, at: number): string | undefined {
  const given = variables.get(name);
  if (given === undefined) return undefined;
  let low = 0;
  let high = given.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((given[middle]?.at ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  return given[low]?.value;
}

/**
 * What a shell makes of a line: quotes and backslashes inside words gone, `$IFS` a blank, variables that were given a fixed
 * text replaced by it; and string pieces that code joins. Undefined when that is the line itself.
 */
export function shellReading(
  line: string,
  origins: (at: number) => number,
  variables: FixedVariables,
): Reading | undefined {
  if (!TRIGGER.test(line)) return undefined;
  const first = unquoted(line, origins);
  const second = expanded(first, variables);
  if (second.text === line) return undefined;
  const text = second.text;
  return { text, origins: second.origins, isObfuscated: first.isObfuscated || second.isObfuscated };
}

function unquoted(line: string, originAt: (at: number) => number): Reading {
  const rules =
    /\$\{?IFS\}?(?:\$\d)?|\$[@*](?=\w)|(?<=\w)\\(?=[A-Za-z])(?!\\[nrt](?![a-z]))|(?<=\w)[`^](?=\w)|["']\s{0,4}\+\s{0,4}["']|(?<=[\w/.])(["'])([\w/.-]{0,24})\1|(["'])([\w/.-]{1,24})\3(?=[\w/.])|(?<=\w)(?:''|"")(?=\w)/g;
  let text = "";
  const origins: number[] = [];
  let isObfuscated = false;
  let last = 0;
  const add = (part: string, at: number): void => {
    for (let index = 0; index < part.length; index += 1) origins.push(originAt(at + index));
    text += part;
  };
  for (const match of line.matchAll(rules)) {
    add(line.slice(last, match.index), last);
    const inner = match[2] ?? match[4];
    if (match[0].includes("IFS")) add(" ", match.index);
    else if (inner !== undefined) add(inner, match.index + 1);
    isObfuscated ||= inner === undefined || inner.length <= 3;
    last = match.index + match[0].length;
  }
  add(line.slice(last), last);
  return { text, origins, isObfuscated };
}

function expanded(reading: Reading, variables: FixedVariables): Reading {
  if (variables.size === 0 || !reading.text.includes("$")) return reading;
  let text = "";
  const origins: number[] = [];
  let isObfuscated = reading.isObfuscated;
  let last = 0;
  const copy = (end: number): void => {
    text += reading.text.slice(last, end);
    for (let at = last; at < end; at += 1) origins.push(reading.origins[at] ?? 0);
    last = end;
  };
  for (const match of reading.text.matchAll(/\$(?:\{([A-Za-z_]\w{0,30})\}|([A-Za-z_]\w{0,30}))/g)) {
    const name = match[1] ?? match[2] ?? "";
    const value = valueAt(variables, name, reading.origins[match.index] ?? 0);
    if (value === undefined || text.length > MAX_LENGTH) continue;
    copy(match.index);
    text += value;
    for (let index = 0; index < value.length; index += 1) origins.push(reading.origins[match.index] ?? 0);
    last = match.index + match[0].length;
    // Pieces of a word put together again, which nobody does who wants to be read.
    isObfuscated ||= /^\$\{?[A-Za-z_]/.test(reading.text.slice(last)) && value.length <= 6;
  }
  copy(reading.text.length);
  return { text, origins, isObfuscated };
}
