import { isPlainPath } from "../policy/guest-files.ts";
import { SandboxError } from "../sandbox-error.ts";

/** What an archive may hold. */
export interface TarBounds {
  /** Entries of any kind. Default 10,000. */
  readonly maxEntries?: number;
  /** Contents of all files together, in bytes. Default 64 MiB. */
  readonly maxBytes?: number;
  /** Folders above a file. Default 32. */
  readonly maxDepth?: number;
}

/** An entry that was not taken, and why. */
export interface RejectedEntry {
  /** Its name as far as it can be shown. */
  readonly name: string;
  readonly reason: "type" | "name" | "duplicate";
}

/** Called with the file's name and contents; both are bounded and checked, the name is a plain relative one. */
export type TarSink = (name: string, content: Uint8Array) => void | Promise<void>;

const BLOCK = 512;
const MAX_EXTENSION_BYTES = 65_536;
const MAX_SHOWN = 200;
const DEFAULTS = { maxEntries: 10_000, maxBytes: 64 * 1024 * 1024, maxDepth: 32 };
const REGULAR: ReadonlySet<string> = new Set(["0", "\0"]);
/** Bytes of an archive that are not contents: headers, padding, extensions. */
const OVERHEAD_PER_ENTRY = 2 * BLOCK + 2 * MAX_EXTENSION_BYTES;

interface Header {
  readonly name: string;
  readonly size: number;
  readonly type: string;
}

/**
 * Reads an archive that nobody vouches for: ustar, with the long names of pax and GNU. Plain files are given to `sink`;
 * folders are what their names imply. Links, devices, pipes, sparse files and anything unknown are skipped and listed,
 * and so are names that leave the folder or that a file system could take for another's.
 *
 * @returns what was not taken.
 * @throws SandboxError `SANDBOX_FILE_REFUSED` for what is no archive, or more than the bounds allow.
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html
 */
export async function readTar(
  source: AsyncIterable<Uint8Array>,
  sink: TarSink,
  bounds: TarBounds = {},
): Promise<readonly RejectedEntry[]> {
  const { maxEntries, maxBytes, maxDepth } = { ...DEFAULTS, ...bounds };
  const reader = new BlockReader(source, maxBytes + maxEntries * OVERHEAD_PER_ENTRY);
  const rejected: RejectedEntry[] = [];
  const taken = new Set<string>();
  let total = 0;
  let longName: string | undefined;
  let paxSize: number | undefined;
  for (let entries = 0; ; ) {
    const block = await reader.take(BLOCK);
    if (block === undefined || block.every((byte) => byte === 0)) return rejected;
    const header = readHeader(block);
    if (header.type === "x" || header.type === "g" || header.type === "L" || header.type === "K") {
      if (header.size > MAX_EXTENSION_BYTES) throw refused("an extension is too long");
      const extension = await content(reader, header.size);
      // Of a link's target and of what is said of all entries nothing is used.
      if (header.type === "L") longName = text(extension).replace(/\0.*$/s, "");
      if (header.type === "x") {
        const pax = readPax(extension);
        longName = pax.get("path") ?? longName;
        paxSize = pax.has("size") ? decimal(pax.get("size") ?? "") : paxSize;
        if ([...pax.keys()].some((key) => key.startsWith("GNU.sparse."))) paxSize = Number.NaN;
      }
      if ((entries += 1) > maxEntries) throw refused("too many entries");
      continue;
    }
    if ((entries += 1) > maxEntries) throw refused("too many entries");
    const isSparse = Number.isNaN(paxSize);
    const name = longName ?? header.name;
    const size = paxSize === undefined || isSparse ? header.size : paxSize;
    longName = undefined;
    paxSize = undefined;
    total += size;
    if (total > maxBytes) throw refused("contents are too long");
    const bytes = await content(reader, size);
    if (header.type === "5") continue;
    const reason = reasonAgainst(name, maxDepth, taken);
    if (!REGULAR.has(header.type) || isSparse) rejected.push({ name: shown(name), reason: "type" });
    else if (reason !== undefined) rejected.push({ name: shown(name), reason });
    else await sink(plain(name), bytes);
  }
}

function reasonAgainst(
  name: string,
  maxDepth: number,
  taken: Set<string>,
): RejectedEntry["reason"] | undefined {
  const path = plain(name);
  if (!isPlainPath(path) || path.split("/").length > maxDepth + 1 || /^[A-Za-z]:/.test(path)) return "name";
  // Some file systems take names for the same that differ in case or in how a letter is composed.
  const key = path.normalize("NFC").toLowerCase();
  if (taken.has(key)) return "duplicate";
  taken.add(key);
  return undefined;
}

/** As archivers write it: `./a` for `a`. */
function plain(name: string): string {
  return name.replace(/^\.\//, "");
}

async function content(reader: BlockReader, size: number): Promise<Uint8Array> {
  const padded = Math.ceil(size / BLOCK) * BLOCK;
  const bytes = await reader.take(padded);
  if (bytes === undefined) throw refused("it is cut off");
  return bytes.subarray(0, size);
}

function readHeader(block: Uint8Array): Header {
  const sum = block.reduce((all, byte, index) => all + (index >= 148 && index < 156 ? 32 : byte), 0);
  if (octal(block.subarray(148, 156)) !== sum) throw refused("a header has the wrong checksum");
  const isUstar = text(block.subarray(257, 262)) === "ustar";
  const prefix = isUstar && block[262] === 0 ? field(block, 345, 155) : "";
  const name = field(block, 0, 100);
  return {
    name: prefix === "" ? name : `${prefix}/${name}`,
    size: octal(block.subarray(124, 136)),
    type: String.fromCharCode(block[156] ?? 0),
  };
}

function field(block: Uint8Array, offset: number, length: number): string {
  const end = block.subarray(offset, offset + length).indexOf(0);
  return text(block.subarray(offset, offset + (end < 0 ? length : end)));
}

/** A number in octal digits, or in 256ths after a first byte of 0x80. */
function octal(bytes: Uint8Array): number {
  let value = 0;
  if (bytes[0] === 0x80) for (const byte of bytes.subarray(1)) value = value * 256 + byte;
  else {
    const digits = text(bytes)
      .replace(/[\0 ]+$/, "")
      .trimStart();
    if (!/^[0-7]{0,12}$/.test(digits)) throw refused("a header holds a number that is none");
    value = digits === "" ? 0 : Number.parseInt(digits, 8);
  }
  if (!Number.isSafeInteger(value)) throw refused("a header holds a number that is too large");
  return value;
}

function decimal(digits: string): number {
  if (!/^\d{1,15}$/.test(digits)) throw refused("an extension holds a size that is none");
  return Number(digits);
}

/** Records of `<length> <key>=<value>\n`. */
function readPax(bytes: Uint8Array): ReadonlyMap<string, string> {
  const records = new Map<string, string>();
  for (let offset = 0; offset < bytes.length; ) {
    const space = bytes.indexOf(32, offset);
    const digits = space < 0 || space - offset > 6 ? "" : text(bytes.subarray(offset, space));
    const end = offset + Number(digits);
    if (!/^\d+$/.test(digits) || end > bytes.length || end <= space || bytes[end - 1] !== 10)
      throw refused("an extension is malformed");
    const record = text(bytes.subarray(space + 1, end - 1));
    const equals = record.indexOf("=");
    if (equals < 1) throw refused("an extension is malformed");
    records.set(record.slice(0, equals), record.slice(equals + 1));
    offset = end;
  }
  return records;
}

function text(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

function shown(name: string): string {
  return name.slice(0, MAX_SHOWN).replace(/[\0-\x1f\x7f-\x9f]/g, "?");
}

function refused(why: string): SandboxError {
  return new SandboxError("SANDBOX_FILE_REFUSED", `archive is refused: ${why}`);
}

/** Gives a stream in pieces of the wanted size, up to a bound. */
class BlockReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #most: number;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #total = 0;

  constructor(source: AsyncIterable<Uint8Array>, most: number) {
    this.#chunks = source[Symbol.asyncIterator]();
    this.#most = most;
  }

  /** Undefined at the end; what is there but not whole is refused. */
  async take(length: number): Promise<Uint8Array | undefined> {
    while (this.#heldBytes < length) {
      const next = await this.#chunks.next();
      if (next.done === true) {
        if (this.#heldBytes > 0) throw refused("it is cut off");
        return undefined;
      }
      this.#total += next.value.length;
      if (this.#total > this.#most) throw refused("it is too long");
      this.#held.push(next.value);
      this.#heldBytes += next.value.length;
    }
    const all = this.#held.length === 1 ? (this.#held[0] as Uint8Array) : Buffer.concat(this.#held);
    this.#held = all.length === length ? [] : [all.subarray(length)];
    this.#heldBytes = all.length - length;
    return new Uint8Array(all.subarray(0, length));
  }
}
