import { quoteJsonString, sortNames } from "@symbiont/kit";

const UNREADABLE_NAME = "__proto__";
const REPLACEMENT = "\ufffd";

/** Stands for what is not recorded, and says why. */
export function omitted(why: string): string {
  return `{"omitted":"${why}"}`;
}

/** Quotes a string as canonical JSON; lone surrogates become U+FFFD. */
export function quoteText(text: string): string {
  try {
    return quoteJsonString(text);
  } catch {
    return quoteJsonString(wellFormed(text));
  }
}

/** Whether an object is plain data of this realm or another, and not an instance of a class. */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** What a member is that throws when it is read. */
export const UNREADABLE: unique symbol = Symbol("unreadable");

/** Reads a member once; even that can throw. */
export function readMember(members: object, name: string): unknown {
  try {
    return (members as Readonly<Record<string, unknown>>)[name];
  } catch {
    return UNREADABLE;
  }
}

/** A member: the name that it has, and that name as canonical JSON with its colon. */
export type NamedMember = readonly [name: string, quoted: string];

// Records have the same few names, which are quoted once. Names may come from outside: it does not grow without end.
const quotedNames = new Map<string, string>();
const MOST_NAMES = 1_000;
const LONGEST_KEPT = 64;

/** Names of an object's members in canonical order, each of them one that a reader takes, and no two the same. */
export function memberNames(names: string[]): readonly NamedMember[] {
  const members: NamedMember[] = [];
  for (const name of sortNames(names)) {
    const quoted = quotedNames.get(name) ?? quoteName(name);
    if (quoted === undefined) return renamedMembers(names);
    members.push([name, quoted]);
  }
  return members;
}

/** Undefined for a name that no reader takes. */
function quoteName(name: string): string | undefined {
  if (isOdd(name)) return undefined;
  const quoted = `${quoteJsonString(name)}:`;
  if (name.length <= LONGEST_KEPT && quotedNames.size < MOST_NAMES) quotedNames.set(name, quoted);
  return quoted;
}

function renamedMembers(names: readonly string[]): readonly NamedMember[] {
  const taken = new Set(names.filter((name) => !isOdd(name)));
  const renamed = names.map((read, index) => {
    if (!isOdd(read)) return { read, written: read };
    let written = read === UNREADABLE_NAME ? `(${read})` : wellFormed(read);
    while (taken.has(written)) written += `${REPLACEMENT}${index}`;
    taken.add(written);
    return { read, written };
  });
  renamed.sort((one, other) => (one.written < other.written ? -1 : 1));
  return renamed.map(({ read, written }) => [read, `${quoteJsonString(written)}:`]);
}

function isOdd(name: string): boolean {
  for (let index = 0; index < name.length; index += 1)
    if ((name.charCodeAt(index) & 0xf800) === 0xd800) return /\p{Surrogate}/u.test(name);
  return name === UNREADABLE_NAME;
}

function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, REPLACEMENT);
}
