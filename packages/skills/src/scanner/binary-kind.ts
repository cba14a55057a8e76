type BinaryKind = "media" | "executable" | "archive" | "bytecode";

/** Bytes that a file begins with, or has at an offset, in hexadecimal; `..` is any byte. */
const MAGIC: readonly (readonly [BinaryKind, string, number?])[] = [
  ["executable", "7f454c46"],
  ["executable", "feedface"],
  ["executable", "feedfacf"],
  ["executable", "cefaedfe"],
  ["executable", "cffaedfe"],
  ["executable", "cafebabe"],
  ["executable", "0061736d"],
  ["executable", "4d5a90"],
  ["executable", "4d5a..00"],
  ["executable", "64657809"],
  ["executable", "6465780a"],
  ["bytecode", "....0d0a"],
  ["bytecode", "1b4c7561"],
  ["archive", "504b0304"],
  ["archive", "504b0506"],
  ["archive", "504b0708"],
  ["archive", "1f8b"],
  ["archive", "425a68"],
  ["archive", "fd377a585a00"],
  ["archive", "28b52ffd"],
  ["archive", "377abcaf271c"],
  ["archive", "526172211a07"],
  ["archive", "4d534346"],
  ["archive", "213c617263683e0a"],
  ["archive", "edabeedb"],
  ["archive", "d0cf11e0a1b11ae1"],
  ["archive", "7573746172", 257],
  ["media", "89504e470d0a1a0a"],
  ["media", "ffd8ff"],
  ["media", "474946383761"],
  ["media", "474946383961"],
  ["media", "52494646........57454250"],
  ["media", "52494646........57415645"],
  ["media", "00000100"],
  ["media", "0001000000"],
  ["media", "4f54544f"],
  ["media", "74746366"],
  ["media", "774f4646"],
  ["media", "774f4632"],
  ["media", "25504446"],
  ["media", "494433"],
  ["media", "fffb"],
  ["media", "4f676753"],
  ["media", "664c6143"],
  ["media", "1a45dfa3"],
  ["media", "66747970", 4],
  ["media", "49492a00"],
  ["media", "4d4d002a"],
];

/** What a file is by its first bytes; undefined when that is not known, as it is for text. */
export function binaryKind(bytes: Uint8Array): BinaryKind | undefined {
  return MAGIC.find(([kind, magic, offset = 0]) => {
    const isThere = matches(bytes, magic, offset);
    // Two line ends can begin a text; Python's bytecode has zeros behind them.
    return isThere && (kind !== "bytecode" || magic.startsWith("1b") || bytes.subarray(4, 16).includes(0));
  })?.[0];
}

function matches(bytes: Uint8Array, magic: string, offset: number): boolean {
  for (let at = 0; at < magic.length; at += 2) {
    const wanted = magic.slice(at, at + 2);
    const found = bytes[offset + at / 2];
    if (found === undefined || (wanted !== ".." && found !== Number.parseInt(wanted, 16))) return false;
  }
  return true;
}
