import { decodeBase64, encodeBase64 } from "@symbiont/kit";
import { KeysError } from "./error.ts";

/** Label of the PEM blocks that are read and written. */
export type PemLabel = "PUBLIC KEY" | "PRIVATE KEY";

/** No supported key comes near; a 4,096 bit RSA key still fits, and is then named as what it is. */
const MAX_LENGTH = 8192;
const LINE_LENGTH = 64;
const BEGIN = /^-----BEGIN ([A-Z0-9 ]{1,40})-----$/;

/**
 * Reads a text that is exactly one PEM block of the label: no text around it, one kind of line end (LF or
 * CRLF), no blank lines, strict base64. Lines may have any length.
 * @throws KeysError `KEY_INVALID_PEM`; `KEY_PRIVATE_MATERIAL` for any private key where a public one belongs;
 * `KEY_UNSUPPORTED_ENCODING` for SEC1, PKCS#1 and encrypted private keys.
 * @see RFC 7468 section 3
 */
export function decodePem(text: string, label: PemLabel): Uint8Array {
  if (typeof text !== "string") throw new TypeError("pem must be a string");
  if (text.length > MAX_LENGTH) throw new KeysError("KEY_INVALID_PEM", `PEM is longer than ${MAX_LENGTH}`);
  const lines = text.split(text.includes("\r\n") ? "\r\n" : "\n");
  if (lines.at(-1) === "") lines.pop();
  checkLabel(BEGIN.exec(lines[0] ?? "")?.[1], label);
  const body = lines.slice(1, -1);
  if (lines.length < 3 || lines.at(-1) !== `-----END ${label}-----` || body.includes("")) {
    throw new KeysError("KEY_INVALID_PEM", "text is not exactly one PEM block");
  }
  try {
    return decodeBase64(body.join(""));
  } catch (cause) {
    throw new KeysError("KEY_INVALID_PEM", "PEM body is not strict base64", { cause });
  }
}

/** Writes a PEM block with lines of 64 characters, LF line ends, one at the end. */
export function encodePem(label: PemLabel, der: Uint8Array): string {
  const body = encodeBase64(der);
  const lines = [`-----BEGIN ${label}-----`];
  for (let at = 0; at < body.length; at += LINE_LENGTH) lines.push(body.slice(at, at + LINE_LENGTH));
  lines.push(`-----END ${label}-----`, "");
  return lines.join("\n");
}

function checkLabel(found: string | undefined, wanted: PemLabel): void {
  if (found === wanted) return;
  if (found === undefined) throw new KeysError("KEY_INVALID_PEM", "text does not begin with a PEM label");
  if (found.endsWith("PRIVATE KEY")) {
    if (wanted === "PUBLIC KEY") throw new KeysError("KEY_PRIVATE_MATERIAL", "PEM holds a private key");
    throw new KeysError("KEY_UNSUPPORTED_ENCODING", "private key is not plain PKCS#8");
  }
  throw new KeysError("KEY_INVALID_PEM", `PEM label is not ${wanted}`);
}
