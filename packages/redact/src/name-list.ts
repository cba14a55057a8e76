/**
 * Checks an option that lists names.
 * @param exact whether names that would fold to nothing are allowed.
 * @throws TypeError, RangeError naming the option.
 */
export function nameList(option: string, value: readonly string[], exact = false): readonly string[] {
  const entries: readonly unknown[] = Array.isArray(value) ? value : [undefined];
  return entries.map((entry) => {
    if (typeof entry !== "string") throw new TypeError(`${option} must be an array of strings`);
    if (!exact && !/[\p{L}\p{N}]/u.test(entry))
      throw new RangeError(`${option} must not hold a name without letters or digits`);
    return entry;
  });
}
