import type { TomlTable, TomlValue } from "smol-toml";
import { floatText } from "./float-text.ts";
import { assertMarkupFits, type Entries, loadParser, unreadable } from "./plain-format.ts";

const MAX_DEPTH = 64;

/** A TOML table; whatever is no string becomes TOML text on one line. */
export async function tomlEntries(text: string): Promise<Entries> {
  assertMarkupFits(text);
  const { parse } = await loadParser("smol-toml", () => import("smol-toml"));
  let root: TomlTable;
  try {
    root = parse(text, { integersAsBigInt: true, maxDepth: MAX_DEPTH });
  } catch {
    throw unreadable("not TOML");
  }
  return new Map(
    Object.entries(root).map(([name, value]) => [name, typeof value === "string" ? value : tomlText(value)]),
  );
}

function tomlText(value: TomlValue): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint" || typeof value === "boolean") return String(value);
  if (typeof value === "number") return Number.isFinite(value) ? floatText(value) : infinite(value);
  if (Array.isArray(value)) return `[${value.map(tomlText).join(", ")}]`;
  if (value instanceof Date) return value.toISOString().replace(".000", "");
  const members = Object.entries(value).map(([name, item]) => `${keyText(name)} = ${tomlText(item)}`);
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}

function keyText(name: string): string {
  return /^[A-Za-z0-9_-]+$/.test(name) ? name : JSON.stringify(name);
}

function infinite(value: number): string {
  return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
}
