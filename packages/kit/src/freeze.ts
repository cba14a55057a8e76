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
