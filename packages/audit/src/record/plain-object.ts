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

/** A member: the name that it has, and the name under which it is written, as canonical JSON with its colon. */
export interface NamedMember {
  readonly name: string;
  readonly quoted: string;
}

/**
 * Names of an object's members in canonical order, each of them one that a reader takes, and no two the same.
 * @param names sorted in place.
 */
export function namedMembers(names: string[]): readonly NamedMember[] {
  sortNames(names);
  return names.some(isOdd) ? renamedMembers(names) : names.map((name) => named(name, name));
}

function named(name: string, written: string): NamedMember {
  return { name, quoted: `${quoteJsonString(written)}:` };
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
  return renamed.map(({ read, written }) => named(read, written));
}

function isOdd(name: string): boolean {
  for (let index = 0; index < name.length; index += 1)
    if ((name.charCodeAt(index) & 0xf800) === 0xd800) return /\p{Surrogate}/u.test(name);
  return name === UNREADABLE_NAME;
}

function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, REPLACEMENT);
}
