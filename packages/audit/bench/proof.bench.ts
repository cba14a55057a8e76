import { linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { JournalProofs, signCheckpoint, verifierKey } from "@symbiont/audit";
import { generateKeyPair, sha256, sha256Hex } from "@symbiont/keys";
import { canonicalJson, decodeHex } from "@symbiont/kit";
import type { Bench } from "../../../scripts/bench/bench.ts";
import { journalHeader } from "../src/journal/journal-header.ts";
import { CompactRange } from "../src/merkle/compact-range.ts";
import { TILE_WIDTH, tilePath } from "../src/merkle/tile-path.ts";

const SIZE = 10_000_000;
const origin = "example.org/bench/audit/1";

/**
 * The tiles of a tree of ten million equal leaves: all full tiles of a level hold the same hashes, so that one file
 * with many names stands for them.
 */
function makeTiles(directory: string): CompactRange {
  const roots = [sha256Hex("a leaf")];
  while (2 ** roots.length <= SIZE) {
    const child = decodeHex(roots.at(-1) as string);
    roots.push(sha256Hex(Buffer.concat([Buffer.of(1), child, child])));
  }
  for (let level = 0, count = SIZE; count > 0; level += 1, count = Math.floor(count / TILE_WIDTH)) {
    const hash = decodeHex(roots[level * 8] as string);
    const one = join(directory, `one-${level}`);
    writeFileSync(one, Buffer.concat(Array.from({ length: TILE_WIDTH }, () => hash)), { mode: 0o600 });
    for (let index = 0; index < Math.floor(count / TILE_WIDTH); index += 1) {
      const path = join(directory, tilePath(level, index));
      if (index % 1_000 === 0) mkdirSync(dirname(path), { recursive: true });
      linkSync(one, path);
    }
    const width = count % TILE_WIDTH;
    if (width === 0) continue;
    const path = join(directory, tilePath(level, Math.floor(count / TILE_WIDTH), width));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, Buffer.concat(Array.from({ length: width }, () => hash)), { mode: 0o600 });
  }
  const full = Array.from({ length: 24 }, (_, bit) => 23 - bit).filter((bit) => (SIZE & (2 ** bit)) !== 0);
  return CompactRange.from(
    SIZE,
    full.map((bit) => roots[bit] as string),
  );
}

export async function benches(): Promise<readonly Bench[]> {
  const folder = mkdtempSync(join(tmpdir(), "audit-proof-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "tile"));
  const { privateKey: key } = generateKeyPair("Ed25519");
  const header = journalHeader(verifierKey(origin, key.publicKey), 0);
  const range = makeTiles(join(folder, "tile"));
  writeFileSync(join(folder, "log.json"), canonicalJson(header), { mode: 0o600 });
  const note = signCheckpoint({ origin, size: SIZE, root: range.root() }, key);
  writeFileSync(join(folder, "checkpoint"), note, { mode: 0o600 });
  const proofs = await JournalProofs.open(folder, { trusted: [header.key] });
  const node = new Uint8Array(65);
  let asked = 0;
  return [
    {
      name: "inclusion proof at ten million records",
      // Steps through the journal, so that the tiles of the lowest level are not those of the proof before.
      ours: () => proofs.inclusion((asked = (asked + 7_654_321) % SIZE)),
      floor: () => {
        let hash: Uint8Array = node;
        for (let level = 0; level < 23; level += 1) hash = sha256(node);
        return hash;
      },
      floorName: "the hashes of checking one such proof",
      maxMicroseconds: 1_000,
    },
  ];
}
