import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sha256Hex } from "@symbiont/keys";
import { AuditError } from "../audit-error.ts";
import type { RangeRoot } from "./proof-ranges.ts";
import { TILE_WIDTH, tilePath } from "./tile-path.ts";
import { HASH_LENGTH, nodeHash, splitSize } from "./tree-hash.ts";

const TILE_HEIGHT = 8;
/** A tile and the nodes above it take 16 KiB. */
const MAX_CACHED = 64;
/** So few of the higher levels that all of them of a hundred million records stay: each proof needs some again. */
const MAX_HIGH_CACHED = 2_048;

/** Reads subtree roots out of tiles, a few file reads for each. */
export class TileReader {
  readonly #directory: string;
  readonly #lowest = new Map<string, Tile>();
  readonly #high = new Map<string, Tile>();

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
    const height = level - tileLevel * TILE_HEIGHT;
    const first = index * 2 ** height;
    const offset = first % TILE_WIDTH;
    const tile = this.#tile(tileLevel, Math.floor(first / TILE_WIDTH), offset + 2 ** height);
    return tile.node(height, offset / 2 ** height);
  }

  /** A tile with at least so many hashes. */
  #tile(level: number, index: number, width: number): Tile {
    const name = tilePath(level, index);
    const [tiles, most] = level === 0 ? [this.#lowest, MAX_CACHED] : [this.#high, MAX_HIGH_CACHED];
    const cached = tiles.get(name);
    if (cached !== undefined && cached.width >= width) return cached;
    const tile = new Tile(this.#read(name, width));
    if (tiles.size >= most) tiles.delete(tiles.keys().next().value as string);
    tiles.set(name, tile);
    return tile;
  }

  #read(name: string, width: number): Buffer {
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

/** The hashes of a tile, and the nodes above them: a proof needs most of them, and the next one the same again. */
class Tile {
  readonly width: number;
  /** Nodes by their height over the tile's own hashes; made when they are asked for. */
  readonly #heights: Buffer[];
  readonly #input: Buffer = Buffer.alloc(1 + 2 * HASH_LENGTH, 1);

  constructor(hashes: Buffer) {
    this.width = Math.floor(hashes.length / HASH_LENGTH);
    this.#heights = [hashes];
  }

  node(height: number, index: number): Uint8Array {
    while (this.#heights.length <= height) this.#heights.push(this.#parents(this.#heights.at(-1) as Buffer));
    const nodes = this.#heights[height] as Buffer;
    return nodes.subarray(index * HASH_LENGTH, (index + 1) * HASH_LENGTH);
  }

  #parents(nodes: Buffer): Buffer {
    const count = Math.floor(nodes.length / HASH_LENGTH / 2);
    const parents = Buffer.alloc(count * HASH_LENGTH);
    for (let index = 0; index < count; index += 1) {
      nodes.copy(this.#input, 1, index * 2 * HASH_LENGTH, (index + 1) * 2 * HASH_LENGTH);
      parents.write(sha256Hex(this.#input), index * HASH_LENGTH, "hex");
    }
    return parents;
  }
}
