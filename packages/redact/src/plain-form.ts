/**
 * The plain data that stands for an object of a well-known class: text, a scalar, an array or an object of
 * members. `undefined` for any other class, whose own data members are all there is to see.
 *
 * Contents are read with the class's own functions, never with what the object says about itself.
 */
export function plainForm(value: object): unknown {
  if (value instanceof Error) return errorMembers(value);
  if (value instanceof Date) return dateText(value);
  if (value instanceof Map) return mapMembers(value);
  if (value instanceof Set) return setItems(value);
  if (ArrayBuffer.isView(value))
    return binary(value instanceof DataView ? DataView.prototype : TYPED_ARRAY, value);
  if (value instanceof ArrayBuffer) return binary(ArrayBuffer.prototype, value);
  if (isInstance("SharedArrayBuffer", value)) return "[Binary]";
  if (value instanceof URL) return hrefOf(value);
  if (value instanceof URLSearchParams)
    return listMembers((each) => URLSearchParams.prototype.forEach.call(value, each));
  if (isInstance("Headers", value)) return listMembers((each) => Headers.prototype.forEach.call(value, each));
  if (isInstance("FormData", value))
    return listMembers((each) => FormData.prototype.forEach.call(value, each));
  if (isInstance("Blob", value)) return "[Binary]";
  return boxedScalar(value);
}

/** What all typed arrays inherit from. */
const TYPED_ARRAY: object = Object.getPrototypeOf(Uint8Array.prototype) as object;

/** The class's own reading of the length, whatever the object says. */
function binary(prototype: object, value: object): string {
  return `[Binary ${String(Reflect.get(prototype, "byteLength", value))}]`;
}

/**
 * What stands for an object that is bytes as JSON writes them; `undefined` for any other.
 * @param value a plain object whose first member is a `type` of `Buffer`.
 */
export function writtenBytes(value: object): string | undefined {
  const data: unknown = Object.getOwnPropertyDescriptor(value, "data")?.value;
  return Array.isArray(data) ? `[Binary ${data.length}]` : undefined;
}

type MemberList = (each: (value: unknown, name: string) => void) => void;

/** Members that may occur several times: one value, or an array of them. */
function listMembers(list: MemberList): Record<string, unknown> {
  const members = emptyMembers();
  list((value, name) => {
    const before = members[name];
    if (before === undefined) members[name] = value;
    else members[name] = Array.isArray(before) ? [...(before as unknown[]), value] : [before, value];
  });
  return members;
}

function mapMembers(map: Map<unknown, unknown>): Record<string, unknown> {
  const members = emptyMembers();
  let unnamed = 0;
  Map.prototype.forEach.call(map, (value, key) => {
    if (typeof key === "object" || typeof key === "function" || typeof key === "symbol") {
      members[`[${key === null ? "null" : typeof key} ${unnamed}]`] = value;
      unnamed += 1;
    } else {
      members[String(key)] = value;
    }
  });
  return members;
}

function setItems(set: Set<unknown>): unknown[] {
  const items: unknown[] = [];
  Set.prototype.forEach.call(set, (item) => items.push(item));
  return items;
}

/** Name, message, stack, cause and collected errors, though not enumerable, and all own data members. */
function errorMembers(error: Error): Record<string, unknown> {
  const members = emptyMembers();
  for (const name of ["name", "message"]) members[name] = inheritedData(error, name);
  members["stack"] = stackOf(error);
  for (const name of ["cause", "errors"]) members[name] = ownData(error, name);
  for (const name of Object.keys(error)) members[name] ??= ownData(error, name);
  return members;
}

function inheritedData(object: object, name: string): unknown {
  for (let at: object | null = object; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const property = Object.getOwnPropertyDescriptor(at, name);
    if (property !== undefined) return property.value;
  }
  return undefined;
}

function ownData(object: object, name: string): unknown {
  return Object.getOwnPropertyDescriptor(object, name)?.value;
}

/** Newer engines keep the stack behind a getter of their own; any other getter is not run. */
function stackOf(error: Error): unknown {
  const property = Object.getOwnPropertyDescriptor(error, "stack");
  if (property?.get === undefined) return property?.value;
  const builtIn = Object.getOwnPropertyDescriptor(new Error(), "stack");
  return property.get === builtIn?.get ? error.stack : undefined;
}

function dateText(date: Date): string {
  const time = Date.prototype.getTime.call(date);
  return Number.isNaN(time) ? "Invalid Date" : new Date(time).toISOString();
}

function boxedScalar(value: object): unknown {
  if (isInstance("String", value)) return String.prototype.valueOf.call(value);
  if (isInstance("Number", value)) return Number.prototype.valueOf.call(value);
  if (isInstance("Boolean", value)) return Boolean.prototype.valueOf.call(value);
  if (isInstance("BigInt", value)) return BigInt.prototype.valueOf.call(value as bigint & object);
  return undefined;
}

/** Classes that a runtime may lack. */
function isInstance(className: string, value: object): boolean {
  const found = (globalThis as Readonly<Record<string, unknown>>)[className];
  return typeof found === "function" && value instanceof found;
}

function emptyMembers(): Record<string, unknown> {
  return Object.create(null) as Record<string, unknown>;
}

/** The URL class's own reading of its text, whatever a subclass says. */
function hrefOf(url: URL): unknown {
  return Reflect.get(URL.prototype, "href", url);
}
