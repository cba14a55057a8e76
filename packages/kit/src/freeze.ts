/** Freezes a value and everything reachable through its own enumerable members, in place, and returns it. */
export function deepFreeze<T>(value: T): T {
  freezeMembers(value, new Set());
  return value;
}

// An outer object that is already frozen says nothing about its members, so each is visited once regardless.
function freezeMembers(value: unknown, seen: Set<object>): void {
  if (typeof value !== "object" || value === null || seen.has(value)) return;
  seen.add(value);
  Object.freeze(value);
  for (const member of Object.values(value)) freezeMembers(member, seen);
}

/**
 * Copies plain data (null, booleans, numbers, strings, arrays, plain objects) and freezes the copy all the way
 * down. The original may be changed afterwards without effect. Getters are read once; prototypes are not kept.
 */
export function frozenCopy<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return Object.freeze(value.map(frozenCopy)) as T;
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    const member = frozenCopy((value as Record<string, unknown>)[name]);
    // Assigning to this name would set the copy's prototype instead of a member.
    if (name === "__proto__") Object.defineProperty(copy, name, { value: member, enumerable: true });
    else copy[name] = member;
  }
  return Object.freeze(copy) as T;
}
