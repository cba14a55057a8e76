import { isWellFormed } from "@symbiont/kit";
import { hasHiddenCharacters } from "@symbiont/schemapin";
import type { EntryProblemCode } from "./entry-problem.ts";

/** Name of the signature file, which stands in the root of a skill and nowhere else. */
export const SIGNATURE_FILE = ".schemapin.sig";

const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i;
const RESERVED_CHARACTER = /[\\/:*?"<>|\u0000-\u001f\u007f]/;

/**
 * What is wrong with one part of a path, so that it could not be stored, or would be another one, on some file system;
 * undefined when nothing is.
 */
export function nameProblem(name: string): EntryProblemCode | undefined {
  if (!isWellFormed(name) || name.includes("\ufffd")) return "name-encoding";
  if (name === "" || name === "." || name === "..") return "name-reserved";
  if (RESERVED_CHARACTER.test(name) || WINDOWS_DEVICE.test(name)) return "name-reserved";
  if (isDecomposed(name)) return "name-not-nfc";
  if (hasHiddenCharacters(name)) return "name-hidden";
  return /^\s|[\s.]$/u.test(name) ? "name-edge" : undefined;
}

/**
 * Whether characters of a name would become others together, as those of a name from an Apple file system do. A character
 * that has another form all by itself stays: it cannot be had otherwise, and `caseKey` tells when both are there.
 */
function isDecomposed(name: string): boolean {
  const together = name.normalize("NFC");
  return (
    together !== name && together !== Array.from(name, (character) => character.normalize("NFC")).join("")
  );
}

/** Two paths with the same key are one file where letter case does not count. */
export function caseKey(path: string): string {
  // Upper case first: it unites letters that lower case alone keeps apart, such as final sigma and sharp s.
  return path.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFC");
}
