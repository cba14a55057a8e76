import { createHash, randomBytes } from "node:crypto";

/** Content that tells its number and whether it is whole. */
export function generationContent(number: number, size: number): Uint8Array {
  const body = Buffer.concat([Buffer.from(`${String(number).padStart(12, "0")}\n`), randomBytes(size)]);
  return Buffer.concat([createHash("sha256").update(body).digest(), body]);
}

/** The number of a whole content; throws when it is not whole. */
export function numberOf(content: Uint8Array): number {
  const body = content.subarray(32);
  const digest = createHash("sha256").update(body).digest();
  if (Buffer.compare(digest, content.subarray(0, 32)) !== 0) throw new Error("content is not whole");
  return Number(new TextDecoder().decode(body.subarray(0, 12)));
}
