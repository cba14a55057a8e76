import { encodeUtf8, excerpt, isWellFormed } from "@symbiont/kit";
import { SecretError } from "./errors.ts";

const MAX_BYTES = 512;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

// What nearly every name looks like: seen to be right at one glance, because every access begins here.
const PLAIN = /^[A-Za-z0-9_-]{1,64}(?:[/.][A-Za-z0-9_-]{1,64}){0,6}$/;

/**
 * Checks a name: 1 to 512 UTF-8 bytes, segments joined by `/`, none of them empty, `.` or `..`, no control
 * characters. Names are compared byte by byte; they are never a path of the file system.
 * @throws SecretError `SECRET_NAME_INVALID`.
 */
export function checkSecretName(name: string): string {
  if (typeof name === "string" && PLAIN.test(name)) return name;
  const fault = nameFault(name);
  if (fault === undefined) return name;
  const shown = typeof name === "string" ? ` ${excerpt(name)}` : "";
  throw new SecretError("SECRET_NAME_INVALID", `secret name${shown} ${fault}`);
}

/** Checks the beginning of names: a name, with or without a final `/`, or nothing. */
export function checkNamePrefix(prefix: string): string {
  const isFolder = typeof prefix === "string" && prefix.endsWith("/");
  if (prefix !== "") checkSecretName(isFolder ? prefix.slice(0, -1) : prefix);
  return prefix;
}

function nameFault(name: unknown): string | undefined {
  if (typeof name !== "string") return "must be a string";
  if (name === "") return "must not be empty";
  if (!isWellFormed(name)) return "must be well-formed Unicode";
  if (CONTROL.test(name)) return "must not hold control characters";
  if (name.length > MAX_BYTES || encodeUtf8(name).length > MAX_BYTES)
    return `must not be longer than ${MAX_BYTES} bytes`;
  for (const segment of name.split("/")) {
    if (segment === "") return "must not begin or end with '/', nor hold '//'";
    if (segment === "." || segment === "..") return `must not hold the segment '${segment}'`;
  }
  return undefined;
}
