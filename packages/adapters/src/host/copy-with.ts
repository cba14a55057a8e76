/**
 * A copy of a host's object with some members replaced. Keeps the prototype and what is not enumerable, where some
 * hosts keep what they know of an object, and which a spread would lose.
 */
export function copyWith<T extends object>(original: T, members: object): T {
  const copy = Object.create(
    Object.getPrototypeOf(original) as object | null,
    Object.getOwnPropertyDescriptors(original),
  ) as T;
  for (const [name, value] of Object.entries(members))
    Object.defineProperty(copy, name, { value, enumerable: true, configurable: true, writable: true });
  return copy;
}
