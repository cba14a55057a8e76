import { type ScanLine, strongest } from "../scan-line.ts";
import type { Place } from "../scan-rule.ts";

const MAX_LINES = 24;
const MAX_LENGTH = 6000;
const CONTINUES = /\\\s?$|(?:\||&&|\|\|)\s*$/;

/** Lines that a shell reads as one: after a backslash, and after or before a pipe. */
export function* continuedLines(lines: readonly ScanLine[]): Generator<ScanLine> {
  for (let index = 0; index < lines.length; index += 1) {
    if (lines[index]?.text === "") continue;
    let end = index;
    let length = 0;
    while (end + 1 < lines.length && end - index < MAX_LINES && length < MAX_LENGTH) {
      const line = lines[end];
      const next = lines[end + 1];
      if (line === undefined || next === undefined) break;
      const isContinued = CONTINUES.test(line.text) || /^\s*\|(?!.*\|\s*$)\s*\w/.test(next.text);
      if (
        !isContinued ||
        isTableRow(line) ||
        isTableRow(next) ||
        (line.place === "prose") !== (next.place === "prose")
      )
        break;
      length += line.text.length;
      end += 1;
    }
    if (end > index) yield joined(lines.slice(index, end + 1), "shell", "");
    index = end;
  }
}

/** A row ends with a bar, and goes nowhere. */
function isTableRow({ place, text }: ScanLine): boolean {
  return place === "prose" && /^\s*\|/.test(text) && /\|\s*$/.test(text);
}

/** In a fence too: what it is said to hold may be sentences. */
const JOINED: ReadonlySet<Place> = new Set<Place>(["prose", "comment", "fence"]);

/** Paragraphs of prose, and comments, whose sentences run over several lines. */
export function* paragraphs(lines: readonly ScanLine[]): Generator<ScanLine> {
  let group: ScanLine[] = [];
  let length = 0;
  for (const line of lines) {
    const isText = line.text !== "" && JOINED.has(line.place) && line.text.trim() !== "";
    if (!isText && group.length === 0) continue;
    const isApart = /^\s*(?:#{1,6}\s|[-*+]\s|\d{1,3}[.)]\s|\|)/.test(line.text);
    const isSame = group.length > 0 && group[0]?.place === line.place;
    if (group.length > 0 && (!isText || isApart || !isSame || length > MAX_LENGTH)) {
      if (group.length > 1) yield joined(group, "visible", " ");
      group = [];
      length = 0;
    }
    if (!isText) continue;
    group.push(line);
    length += line.text.length;
  }
  if (group.length > 1) yield joined(group, "visible", " ");
}

function joined(lines: readonly ScanLine[], view: ScanLine["view"], separator: string): ScanLine {
  let text = "";
  const origins: number[] = [];
  for (const line of lines) {
    const part = separator === "" ? line.text.replace(/\\\s?$/, " ") : `${line.text}${separator}`;
    for (let at = 0; at < part.length; at += 1) origins.push(line.start + Math.min(at, line.text.length));
    text += part;
  }
  const [first] = lines;
  return {
    text,
    view,
    origins,
    start: first?.start ?? 0,
    place: first?.place ?? "prose",
    isObfuscated: false,
    warning: () => strongest(lines.map(({ warning }) => warning())),
    isParagraph: separator !== "",
  };
}
