/** Hashes in a full tile. */
export const TILE_WIDTH = 256;

/**
 * Where a tile is: `<level>/<index in groups of three digits>`, and `.p/<width>` when it is not full.
 * @see https://c2sp.org/tlog-tiles
 */
export function tilePath(level: number, index: number, width: number = TILE_WIDTH): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/\d{3}/g) ?? [];
  const path = groups.map((group, at) => (at === groups.length - 1 ? group : `x${group}`)).join("/");
  return `${level}/${path}${width === TILE_WIDTH ? "" : `.p/${width}`}`;
}
