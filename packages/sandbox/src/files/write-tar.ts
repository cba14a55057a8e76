import { encodeUtf8 } from "@symbiont/kit";
import { isPlainPath } from "../policy/guest-files.ts";
import { invalid } from "../sandbox-error.ts";

const BLOCK = 512;
const NAME_BYTES = 100;

/**
 * An archive of plain files, the same for the same files: no owner, no time, mode 0600.
 *
 * @param files by plain relative path.
 * @throws SandboxError `SANDBOX_INVALID_ARGUMENT`
 */
export function* writeTar(
  files: Iterable<readonly [string, Uint8Array]>,
): Generator<Uint8Array, void, undefined> {
  for (const [path, content] of files) {
    if (!isPlainPath(path)) invalid("files holds a path that is not a plain relative one");
    const name = encodeUtf8(path);
    if (name.length > NAME_BYTES) {
      const record = paxRecord("path", path);
      yield header(encodeUtf8("pax"), record.length, "x");
      yield padded(record);
    }
    yield header(name.subarray(0, NAME_BYTES), content.length, "0");
    yield padded(content);
  }
  yield new Uint8Array(2 * BLOCK);
}

function header(name: Uint8Array, size: number, type: string): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const put = (offset: number, text: string): void => block.set(encodeUtf8(text), offset);
  block.set(name, 0);
  put(100, "0000600\0");
  put(108, "0000000\0");
  put(116, "0000000\0");
  put(124, `${size.toString(8).padStart(11, "0")}\0`);
  put(136, "00000000000\0");
  put(148, "        ");
  put(156, type);
  put(257, "ustar\u000000");
  const sum = block.reduce((all, byte) => all + byte, 0);
  put(148, `${sum.toString(8).padStart(6, "0")}\0 `);
  return block;
}

/** The length counts itself. */
function paxRecord(key: string, value: string): Uint8Array {
  const rest = encodeUtf8(` ${key}=${value}\n`);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([encodeUtf8(String(length)), rest]);
}

function padded(content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(content.length / BLOCK) * BLOCK);
  bytes.set(content);
  return bytes;
}
