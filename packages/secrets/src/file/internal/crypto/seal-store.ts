import { constantTimeEqual, encodeBase64Url } from "@symbiont/kit";
import { SecretError } from "../../../errors.ts";
import { type Container, writeHead } from "../format/container.ts";
import { type StoreHeader, writeHeader } from "../format/header.ts";
import { type Entries, readPayload, writePayload } from "../format/payload.ts";
import { readBase64Url } from "../format/read-base64url.ts";
import { payloadKey } from "./derive.ts";
import { openMessage, sealMessage } from "./message.ts";

/** Writes a whole file. The salt in the header must be new. */
export function sealStore(
  rootKey: Uint8Array,
  unsealed: Omit<StoreHeader, "commit">,
  entries: Entries,
): { readonly bytes: Uint8Array; readonly header: StoreHeader } {
  const key = payloadKey(rootKey, unsealed);
  const header: StoreHeader = { ...unsealed, commit: Uint8Array.from(key.commit) };
  const head = writeHead(writeHeader(header));
  const sealed = sealMessage(key, writePayload(entries), head);
  const line = `${encodeBase64Url(sealed)}\n`;
  const bytes = Buffer.allocUnsafeSlow(head.length + line.length);
  bytes.set(head);
  bytes.write(line, head.length, "latin1");
  return { header, bytes };
}

/** Opens the entries of a file. @throws SecretError `SECRET_TAMPERED`, `SECRET_FORMAT_INVALID`. */
export function openStore(rootKey: Uint8Array, header: StoreHeader, { head, payload }: Container): Entries {
  const key = payloadKey(rootKey, header);
  if (!constantTimeEqual(key.commit, header.commit)) throw tampered();
  const sealed = readBase64Url(
    Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString("latin1"),
  );
  const plaintext = sealed && openMessage(key, sealed, head);
  if (plaintext === undefined) throw tampered();
  return readPayload(plaintext);
}

function tampered(): SecretError {
  return new SecretError("SECRET_TAMPERED", "the key is right, but the secret file is not what was written");
}
