/** Longest label of a slot. */
export const MAX_LABEL_BYTES = 128;
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;

/** @throws RangeError unless it is a line of 1 to 128 bytes. */
export function checkedLabel(label: string): string {
  const printable = typeof label === "string" && !UNPRINTABLE.test(label);
  if (!printable || label === "" || Buffer.byteLength(label) > MAX_LABEL_BYTES)
    throw new RangeError(`label must be 1 to ${MAX_LABEL_BYTES} bytes without control characters`);
  return label;
}

/** The label of a slot that its owner did not name: the id of its provider, as far as a label can hold it. */
export function labelOf({ id }: { readonly id: string }): string {
  let label = "";
  let bytes = 0;
  for (const character of id) {
    bytes += Buffer.byteLength(character);
    if (bytes > MAX_LABEL_BYTES) break;
    label += UNPRINTABLE.test(character) ? "?" : character;
  }
  return label;
}
