import { Duration } from "./duration.ts";
import { Failure } from "./failure.ts";
import { charge, type Frame } from "./frame.ts";

const RESERVED: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);
const MAX_DEPTH = 64;

const MISSING = new Failure("the member is missing", true);
const UNREACHABLE = new Failure("the member name is reserved");
const NOT_PLAIN = new Failure("the value is not a plain object");
const ACCESSOR = new Failure("the member is a getter");
const UNUSABLE = new Failure("the value is not plain data");
const OUT_OF_RANGE = new Failure("the index is outside the list", true);
const TOO_DEEP = new Failure("the values are nested too deeply to compare");

/** Reads an own data member of a plain object or Map. Getters are never called; a missing member is a failure. */
export function readMember(object: unknown, name: string): unknown {
  return RESERVED.has(name) ? UNREACHABLE : readOrdinaryMember(object, name);
}

/** Makes {@link readMember} for one name, which is looked at once. */
export function memberReader(name: string): (object: unknown) => unknown {
  return RESERVED.has(name) ? () => UNREACHABLE : (object) => readOrdinaryMember(object, name);
}

function readOrdinaryMember(object: unknown, name: string): unknown {
  if (isPlainObject(object)) return readOwn(object, name, MISSING);
  if (!isMap(object)) return NOT_PLAIN;
  // The prototype's own methods: the instance may carry members of these names.
  return Map.prototype.has.call(object, name) ? admit(Map.prototype.get.call(object, name)) : MISSING;
}

/** Reads one element of a list. */
export function readElement(list: readonly unknown[], index: number): unknown {
  return readOwn(list, String(index), OUT_OF_RANGE);
}

/** Reads one subject of the request, once for each decision. */
export function readSubject(frame: Frame, position: number): unknown {
  const known = frame.readSubjects[position];
  if (known !== undefined) return known;
  const subject = readElement(frame.subjects, position);
  frame.readSubjects[position] = subject;
  return subject;
}

function readOwn(object: object, name: string, missing: Failure): unknown {
  const property = Object.getOwnPropertyDescriptor(object, name);
  if (property === undefined) return missing;
  if (property.get !== undefined || property.set !== undefined) return ACCESSOR;
  return admit(property.value);
}

/** Lets through what rules can work with: JSON values, durations and Maps. Objects are checked when read. */
export function admit(value: unknown): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) ? value : UNUSABLE;
    case "object":
      return value === null || isData(value) ? value : UNUSABLE;
    default:
      return UNUSABLE;
  }
}

function isData(value: object): boolean {
  return value instanceof Duration || isMap(value) || isList(value) || isPlainObject(value);
}

/** Tells whether a value is an ordinary array. */
export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && Object.getPrototypeOf(value) === Array.prototype;
}

/** Tells whether a value is an ordinary Map. */
export function isMap(value: unknown): value is ReadonlyMap<unknown, unknown> {
  return value instanceof Map && Object.getPrototypeOf(value) === Map.prototype;
}

/** Tells whether a value is an object literal or has no prototype. */
export function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * Compares two values without coercion: different types are different. Lists and objects compare by content;
 * every pair of parts costs one operation.
 */
export function equals(a: unknown, b: unknown, frame: Frame, depth: number = MAX_DEPTH): boolean | Failure {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (a instanceof Duration || b instanceof Duration) {
    return a instanceof Duration && b instanceof Duration && a.milliseconds === b.milliseconds;
  }
  if (depth === 0) return TOO_DEEP;
  if (isList(a) || isList(b)) return isList(a) && isList(b) ? listsEqual(a, b, frame, depth) : false;
  return objectsEqual(a, b, frame, depth);
}

function listsEqual(
  a: readonly unknown[],
  b: readonly unknown[],
  frame: Frame,
  depth: number,
): boolean | Failure {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) {
    const part = partsEqual(readElement(a, index), readElement(b, index), frame, depth);
    if (part !== true) return part;
  }
  return true;
}

function objectsEqual(a: object, b: object, frame: Frame, depth: number): boolean | Failure {
  const names = memberNames(a);
  const others = memberNames(b);
  if (names instanceof Failure) return names;
  if (others instanceof Failure) return others;
  if (names.length !== others.length) return false;
  const known = new Set(others);
  for (const name of names) {
    if (!known.has(name)) return false;
    const part = partsEqual(readMember(a, name), readMember(b, name), frame, depth);
    if (part !== true) return part;
  }
  return true;
}

function memberNames(object: object): readonly string[] | Failure {
  if (!isMap(object)) return isPlainObject(object) ? Object.keys(object) : NOT_PLAIN;
  const names = [...Map.prototype.keys.call(object)] as unknown[];
  return names.every((name) => typeof name === "string") ? names : UNUSABLE;
}

function partsEqual(a: unknown, b: unknown, frame: Frame, depth: number): boolean | Failure {
  const spent = charge(frame, 1);
  if (spent !== undefined) return spent;
  if (a instanceof Failure) return a;
  if (b instanceof Failure) return b;
  return equals(a, b, frame, depth - 1);
}
