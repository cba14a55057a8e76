import { createHash, randomBytes } from "node:crypto";

/** A line that tells its number and whether it is whole. */
export function lineFor(number: number): Uint8Array {
  const text = `${number} ${randomBytes(Math.floor(Math.random() * 400)).toString("hex")}`;
  return new TextEncoder().encode(`${text} ${digest(text)}\n`);
}

/** The number of a whole line; throws when it is not whole. */
export function numberOfLine(line: Uint8Array): number {
  const text = new TextDecoder().decode(line);
  const cut = text.lastIndexOf(" ");
  if (digest(text.slice(0, cut)) !== text.slice(cut + 1)) throw new Error("line is not whole");
  return Number(text.slice(0, text.indexOf(" ")));
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
