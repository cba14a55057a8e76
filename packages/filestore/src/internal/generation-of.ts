import type { BigIntStats } from "node:fs";
import type { Generation } from "../generation.ts";

/** Keeps the identifying part of a `stat`. */
export function generationOf(stats: BigIntStats): Generation {
  const { dev, ino, size, mtimeNs, ctimeNs } = stats;
  return { dev, ino, size, mtimeNs, ctimeNs };
}
