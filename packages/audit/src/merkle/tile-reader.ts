import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { AuditError } from "../audit-error.ts";
import type { RangeRoot } from "./proof-ranges.ts";
import { TILE_WIDTH, tilePath } from "./tile-path.ts";
import { HASH_LENGTH, nodeHash, splitSize } from "./tree-hash.ts";

const TILE_HEIGHT = 8;
const MAX_CACHED = 64;

/** Reads subtree roots out of tiles, a few file reads for each. */
export class TileReader {
  readonly #directory: string;
  readonly #tiles = new Map<string, Uint8Array>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** The root over the leaves from `start` up to `end`, a range as it occurs in proofs. @throws AuditError `AUDIT_NOT_FOUND` */
  readonly rangeRoot: RangeRoot = (start, end) => {
    const size = end - start;
    const level = Math.log2(size);
    if (Number.isInteger(level) && start % size === 0) return this.#node(level, start / size);
    const split = start + splitSize(size);
    return nodeHash(this.rangeRoot(start, split), this.rangeRoot(split, end));
  };

  #node(level: number, index: number): Uint8Array {
    const tileLevel = Math.floor(level / TILE_HEIGHT);
    const count = 2 ** (level - tileLevel * TILE_HEIGHT);
    const first = index * count;
    const offset = first % TILE_WIDTH;
    const tile = this.#tile(tileLevel, Math.floor(first / TILE_WIDTH), offset + count);
    return subtree(tile.subarray(offset * HASH_LENGTH, (offset + count) * HASH_LENGTH));
  }

  /** A tile with at least so many hashes. */
  #tile(level: number, index: number, width: number): Uint8Array {
    const name = tilePath(level, index);
    const cached = this.#tiles.get(name);
    if (cached !== undefined && cached.length >= width * HASH_LENGTH) return cached;
    const tile = this.#read(name, width);
    if (this.#tiles.size >= MAX_CACHED) this.#tiles.delete(this.#tiles.keys().next().value as string);
    this.#tiles.set(name, tile);
    return tile;
  }

  #read(name: string, width: number): Uint8Array {
    const path = join(this.#directory, name);
    for (const candidate of [path, ...openTiles(`${path}.p`, width)]) {
      try {
        const bytes = readFileSync(candidate);
        if (bytes.length >= width * HASH_LENGTH) return bytes;
      } catch {
        // Not full yet, or gone since it is.
      }
    }
    throw new AuditError("AUDIT_NOT_FOUND", `tile ${name} is not there`);
  }
}

function openTiles(directory: string, width: number): string[] {
  try {
    const widths = readdirSync(directory)
      .map(Number)
      .filter((found) => found >= width);
    return widths.sort((a, b) => a - b).map((found) => join(directory, String(found)));
  } catch {
    return [];
  }
}

function subtree(hashes: Uint8Array): Uint8Array {
  if (hashes.length === HASH_LENGTH) return hashes;
  const middle = hashes.length / 2;
  return nodeHash(subtree(hashes.subarray(0, middle)), subtree(hashes.subarray(middle)));
}
