import { concatBytes, encodeUtf8 } from "@symbiont/kit";
import { SecretError } from "../../../errors.ts";
import { malformed } from "./strict-object.ts";

/** The three lines of a secret file. */
export interface Container {
  /** Lines 1 and 2 as they are stored, both newlines included: what the payload is bound to. */
  readonly head: Uint8Array;
  /** Line 2, without its newline. */
  readonly header: Uint8Array;
  /** Line 3, without its newline. */
  readonly payload: Uint8Array;
}

const LF = 10;
const FIRST_LINE = encodeUtf8("secrets-store/1\n");
const LONGEST_FIRST_LINE = 64;

/** @throws SecretError `SECRET_VERSION_UNSUPPORTED`, `SECRET_FORMAT_INVALID`. */
export function splitContainer(bytes: Uint8Array): Container {
  assertFirstLine(bytes);
  const headerEnd = bytes.indexOf(LF, FIRST_LINE.length);
  if (headerEnd < 0 || headerEnd === bytes.length - 1) throw malformed("it has fewer than three lines");
  if (bytes.indexOf(LF, headerEnd + 1) !== bytes.length - 1)
    throw malformed("it does not end after the third line");
  return {
    head: bytes.subarray(0, headerEnd + 1),
    header: bytes.subarray(FIRST_LINE.length, headerEnd),
    payload: bytes.subarray(headerEnd + 1, -1),
  };
}

/** Lines 1 and 2, both newlines included. */
export function writeHead(header: string): Uint8Array {
  return concatBytes(FIRST_LINE, encodeUtf8(`${header}\n`));
}

function assertFirstLine(bytes: Uint8Array): void {
  if (FIRST_LINE.every((byte, index) => bytes[index] === byte)) return;
  const line = Buffer.from(bytes.subarray(0, LONGEST_FIRST_LINE)).toString("latin1").split("\n", 1)[0] ?? "";
  if (/^secrets-store\/[1-9][0-9]{0,9}$/.test(line) && line !== "secrets-store/1")
    throw new SecretError(
      "SECRET_VERSION_UNSUPPORTED",
      "the secret file is of a version that is not known here",
    );
  throw malformed("it does not begin with the name of the format");
}
