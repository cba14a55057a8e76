/** Tells whether `bytes` begins with `prefix`. Not constant-time. */
export function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return bytes.length >= prefix.length && hasAt(bytes, prefix, 0);
}

/** Tells whether `part` stands in `bytes` at `offset`. Not constant-time. */
export function hasAt(bytes: Uint8Array, part: Uint8Array, offset: number): boolean {
  for (let index = 0; index < part.length; index += 1) {
    if (bytes[offset + index] !== part[index]) return false;
  }
  return true;
}

/** Compares big-endian numbers of equal length; negative when `a` is the smaller. Not constant-time. */
export function compareBigEndian(a: Uint8Array, b: Uint8Array): number {
  for (let index = 0; index < a.length; index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Reads text of one byte per character, as `digest("binary")` gives it: the cheapest way out of OpenSSL. */
export function fromBinaryText(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) bytes[index] = text.charCodeAt(index);
  return bytes;
}

/** The reverse of {@link fromBinaryText}: a key for maps. */
export function toBinaryText(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
