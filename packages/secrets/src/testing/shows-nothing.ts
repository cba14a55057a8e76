import { ok, rejects } from "node:assert/strict";
import { inspect } from "node:util";
import { encodeBase64, encodeBase64Url, encodeHex } from "@symbiont/kit";
import { SecretError, type SecretErrorCode } from "../errors.ts";

/** Asserts that nothing a log could be made from holds one of the secrets. The message does not either. */
export function assertShowsNothing(value: unknown, secrets: readonly string[]): void {
  const shown = visible(value);
  ok(
    secrets.every((secret) => !shown.includes(secret)),
    "a secret shows",
  );
}

/** How bytes may be spelled. */
export function spellings(bytes: Uint8Array): readonly string[] {
  const hex = encodeHex(bytes);
  // As `inspect` prints a Uint8Array, and a Buffer.
  const listed = [Array.from(bytes.subarray(0, 8)).join(", "), hex.slice(0, 16).replace(/..(?=.)/g, "$& ")];
  return [hex, hex.toUpperCase(), encodeBase64(bytes), encodeBase64Url(bytes), ...listed];
}

/** Asserts that `work` rejects with a SecretError of this code, which shows none of the secrets. */
export async function assertRefuses(
  work: Promise<unknown>,
  code: SecretErrorCode,
  secrets: readonly string[],
): Promise<void> {
  await rejects(work, (error) => {
    ok(SecretError.is(error), "what is thrown must be a SecretError");
    ok(error.code === code, `the code must be ${code}, it is ${error.code}`);
    assertShowsNothing(error, secrets);
    return true;
  });
}

function visible(value: unknown): string {
  const parts = [
    String(value),
    inspect(value, { depth: 20, showHidden: true, getters: true, maxArrayLength: null }),
    JSON.stringify(value) ?? "",
  ];
  for (let error = value; error instanceof Error; error = error.cause)
    parts.push(error.message, String(error.stack));
  return parts.join("\n");
}
