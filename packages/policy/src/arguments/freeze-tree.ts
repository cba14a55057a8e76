/** Freezes fresh plain data all the way down. It was made here, so nothing in it occurs twice or leads back. */
export function freezeTree<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) for (const item of value) freezeTree(item);
  else for (const name of Object.keys(value)) freezeTree((value as Record<string, unknown>)[name]);
  return Object.freeze(value);
}
