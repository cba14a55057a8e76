import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { AuditError } from "../audit-error.ts";
import { writeNoLink } from "../open-no-link.ts";
import { isOwnFolder } from "../own-folder.ts";
import { CompactRange, type SubtreeListener } from "./compact-range.ts";
import { TILE_WIDTH, tilePath } from "./tile-path.ts";
import { HASH_LENGTH } from "./tree-hash.ts";

/** Levels of the tree in one level of tiles. */
const TILE_HEIGHT = 8;
/** Tiles that wait to be written, 16 KiB each. What is lost beyond that is made again when the journal is opened. */
const MOST_LATE = 1_000;

/**
 * Keeps the hashes of a growing tree in files, 256 to a tile, so that proofs need not read the records. Tiles can be
 * made again from the records and are not synced; whoever reads them checks what comes out against a signed root.
 */
export class TileWriter {
  readonly #directory: string;
  /** Hashes in hexadecimal of the tiles that are not full yet, by level. */
  readonly #open: string[][];
  /** Full tiles, by level. */
  readonly #full: number[];
  /** Tiles of which there are files that are not full. */
  readonly #partial = new Set<string>();
  /** What could not be written, on a full disk for example, and is tried again: a record must not fail for its tile. */
  readonly #late = new Map<string, readonly string[]>();

  private constructor(directory: string, open: string[][], full: number[]) {
    this.#directory = directory;
    this.#open = open;
    this.#full = full;
  }

  /**
   * Takes up the tiles of a tree; undefined when they are not there or not those of the tree.
   * @throws AuditError `AUDIT_CORRUPT` when a link is in the place of one of their folders.
   */
  static resume(directory: string, range: CompactRange): TileWriter | undefined {
    const open: string[][] = [];
    const full: number[] = [];
    for (let count = range.size; count > 0; count = Math.floor(count / TILE_WIDTH)) {
      const width = count % TILE_WIDTH;
      const index = Math.floor(count / TILE_WIDTH);
      // A tile that has become full since begins with the same hashes.
      const paths = [tilePath(open.length, index, width), tilePath(open.length, index)];
      const hashes =
        width === 0
          ? []
          : readTile(
              paths.map((path) => join(directory, path)),
              width,
            );
      if (hashes === undefined) return undefined;
      open.push(hashes);
      full.push(index);
    }
    // The roots of the tree are those of the open tiles' own trees, one after the other.
    const roots = open
      .map((hashes) => rootsOf(hashes))
      .toReversed()
      .flat();
    if (roots.join() !== range.roots.join()) return undefined;
    const writer = new TileWriter(directory, open, full);
    writer.writeOpen();
    writer.#forgetLater();
    return writer;
  }

  /** Is told of every full subtree, and writes the tiles that become full. */
  readonly listener: SubtreeListener = (level, root) => {
    if (level % TILE_HEIGHT === 0) this.#add(level / TILE_HEIGHT, root);
  };

  /** Writes the tiles that are not full, as they are now. */
  writeOpen(): void {
    const late = [...this.#late];
    this.#late.clear();
    for (const [path, hashes] of late) this.#write(path, hashes);
    this.#open.forEach((hashes, level) => {
      if (hashes.length === 0) return;
      const index = this.#full[level] ?? 0;
      this.#partial.add(tilePath(level, index));
      this.#write(tilePath(level, index, hashes.length), hashes);
    });
  }

  /** Removes what belongs to records that were taken back: a reader must not find it in the place of what comes. */
  #forgetLater(): void {
    for (let level = 0; level <= this.#open.length; level += 1) {
      const width = String(this.#open[level]?.length ?? 0);
      for (let index = this.#full[level] ?? 0; ; index += 1) {
        const path = join(this.#directory, tilePath(level, index));
        if (!this.#isOwn(`${path}.p`))
          throw new AuditError("AUDIT_CORRUPT", "a link is in the place of a folder of tiles");
        const kept = index === (this.#full[level] ?? 0) ? width : "";
        const widths = listDirectory(`${path}.p`);
        for (const name of widths) if (name !== kept) rmSync(join(`${path}.p`, name), { force: true });
        if (!existsSync(path) && widths.length === 0) break;
        rmSync(path, { force: true });
      }
    }
  }

  #add(level: number, hash: string): void {
    const hashes = (this.#open[level] ??= []);
    hashes.push(hash);
    if (hashes.length < TILE_WIDTH) return;
    const index = this.#full[level] ?? 0;
    const path = tilePath(level, index);
    this.#write(path, hashes);
    const partial = join(this.#directory, `${path}.p`);
    if (this.#partial.delete(path) && this.#isOwn(dirname(partial)))
      rmSync(partial, { recursive: true, force: true });
    this.#open[level] = [];
    this.#full[level] = index + 1;
  }

  #write(path: string, hashes: readonly string[]): void {
    const bytes = Buffer.from(hashes.join(""), "hex");
    if (!this.#tryWrite(join(this.#directory, path), bytes) && this.#late.size < MOST_LATE)
      this.#late.set(path, hashes);
  }

  #tryWrite(file: string, bytes: Uint8Array): boolean {
    // Nothing is made or removed behind a link; writing looks for itself.
    const steps = [
      () => undefined,
      () => this.#isOwn(dirname(file)) && mkdirSync(dirname(file), { recursive: true, mode: 0o700 }),
      () => this.#isOwn(dirname(file)) && rmSync(file, { force: true }),
    ];
    for (const prepare of steps) {
      try {
        prepare();
        writeNoLink(this.#root, file, { content: bytes, mode: "replace" });
        return true;
      } catch {
        // The directory is made when it is missing, and a link removed; everything else is tried again later.
      }
    }
    return false;
  }

  #isOwn(folder: string): boolean {
    return isOwnFolder(this.#root, folder);
  }

  /** The journal's folder. */
  get #root(): string {
    return dirname(this.#directory);
  }
}

function listDirectory(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** The first `width` hashes of the first file that has as many. */
function readTile(paths: readonly string[], width: number): string[] | undefined {
  for (const path of paths) {
    try {
      const bytes = readFileSync(path);
      if (bytes.length < width * HASH_LENGTH) continue;
      return Array.from({ length: width }, (_, index) =>
        bytes.toString("hex", index * HASH_LENGTH, (index + 1) * HASH_LENGTH),
      );
    } catch {
      // The next one may be there.
    }
  }
  return undefined;
}

function rootsOf(hashes: readonly string[]): readonly string[] {
  const range = new CompactRange();
  for (const hash of hashes) range.appendHex(hash);
  return range.roots;
}
