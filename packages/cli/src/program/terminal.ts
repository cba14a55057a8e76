import type { Readable, Writable } from "node:stream";
import type { Environment } from "@symbiont/kit";

/** Where a command reads and writes: the process, or what a caller of `runCli` gives instead. */
export interface Terminal {
  readonly stdin: Readable & { readonly isTTY?: boolean; setRawMode?(raw: boolean): unknown };
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly env: Environment;
}

// Whatever could move the cursor, change colours, hide text or turn its direction.
const UNSAFE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Text of files, servers and models as one line that does nothing to a terminal. */
export function visible(text: string): string {
  return text.replace(UNSAFE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** How a line begins, where it says how something is. */
export type Mark = "ok" | "warn" | "bad" | "note";

/** One line for people: text, or a mark and text. */
export type Line = string | readonly [Mark, string];

const MARKS: Readonly<Record<Mark, { readonly word: string; readonly colour: number }>> = {
  ok: { word: "ok  ", colour: 32 },
  warn: { word: "warn", colour: 33 },
  bad: { word: "BAD ", colour: 31 },
  note: { word: "    ", colour: 0 },
};

/** Writes a line as it may be shown: unsafe characters escaped, the mark in colour where that is wanted. */
export function formatLine(line: Line, colour: boolean): string {
  if (typeof line === "string") return visible(line);
  const { word, colour: code } = MARKS[line[0]];
  const mark = colour && code > 0 ? `\u001b[${code}m${word}\u001b[0m` : word;
  return `${mark} ${visible(line[1])}`;
}

/** Whether a stream gets colours: a terminal does, unless `NO_COLOR` is set. */
export function wantsColour({ stdout, env }: Terminal): boolean {
  return stdout.isTTY === true && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb";
}
