import { type CodeFlow, codeFlow, flowFindings } from "./checks/code-flow.ts";
import { hiddenCharacters } from "./checks/hidden-characters.ts";
import { FileLines } from "./file-lines.ts";
import { type Finding, type FindingFacts, makeFinding } from "./finding.ts";
import { isCode, languageOf } from "./language.ts";
import { lineSignals } from "./line-signals.ts";
import type { Ruleset } from "./ruleset.ts";
import { originOf, type ScanLine } from "./scan-line.ts";
import { decodedPayloads } from "./views/decoded-payloads.ts";
import { continuedLines, paragraphs } from "./views/joined-lines.ts";
import { type FixedVariables, fixedVariables, shellReading } from "./views/shell-reading.ts";
import { type Reading, visibleReading } from "./views/visible-line.ts";

/** What was found in a text, and what it does. */
export interface TextScan {
  readonly findings: readonly Finding[];
  /** Whether it was looked at to its end. */
  readonly isWhole: boolean;
  /** Of code only. */
  readonly flow?: CodeFlow;
}

/** So many findings of one rule in one file say all there is to say. */
const MAX_SAME = 50;
const LINES_BETWEEN_LOOKS = 256;
/** Characters around something hidden that are worth showing. */
const SHOWN = 60;

/** Scans a text in all its readings. */
export function scanText(
  ruleset: Pick<Ruleset, "lines" | "custom">,
  { file, text, isOver }: { readonly file: string; readonly text: string; readonly isOver: () => boolean },
): TextScan {
  return new TextScanner(ruleset, file, text).run(isOver);
}

function* allLines(lines: readonly ScanLine[]): Generator<ScanLine> {
  yield* lines;
  yield* continuedLines(lines);
  yield* paragraphs(lines);
}

class TextScanner {
  readonly #ruleset: Pick<Ruleset, "lines" | "custom">;
  readonly #file: string;
  readonly #lines: FileLines;
  readonly #isCode: boolean;
  readonly #variables: FixedVariables;
  readonly #best = new Map<string, Finding>();
  readonly #counts = new Map<string, number>();

  constructor(ruleset: Pick<Ruleset, "lines" | "custom">, file: string, text: string) {
    const language = languageOf(file, text);
    this.#ruleset = ruleset;
    this.#file = file;
    this.#isCode = isCode(language);
    this.#lines = new FileLines(text, language);
    this.#variables = text.includes("$") ? fixedVariables(text) : new Map();
  }

  run(isOver: () => boolean): TextScan {
    const { lines, text } = this.#lines;
    let count = 0;
    for (const line of allLines(lines)) {
      if (line.text !== "") this.#readings(line);
      count += 1;
      if (count % LINES_BETWEEN_LOOKS === 0 && isOver())
        return { findings: [...this.#best.values()], isWhole: false };
    }
    const findings = (): readonly Finding[] => [...this.#best.values()];
    if (!this.#isCode) return { findings: findings(), isWhole: true };
    const flow = codeFlow(text);
    for (const { ruleId, severity, confidence, why, point } of flowFindings(flow)) {
      this.#keep({ ruleId, severity, confidence, view: "raw", found: point.text, why: [why] }, point.at);
    }
    return { findings: findings(), isWhole: true, flow };
  }

  #readings(line: ScanLine): void {
    const whole = line.origins === undefined ? this.#lines.text : undefined;
    this.#try(line, whole);
    const { start } = line;
    const signals =
      whole === undefined ? lineSignals(line.text) : lineSignals(whole, start, start + line.text.length);
    const { isAscii, hasAmpersand } = signals;
    if (!isAscii && !line.isParagraph) this.#hidden(line);
    const visible = isAscii && !hasAmpersand ? undefined : visibleReading(line.text, 0);
    const seen = visible === undefined ? line : visibleLine(line, visible);
    if (visible !== undefined) this.#try(seen);
    const { hasShell, hasEncoded } = visible === undefined ? signals : lineSignals(seen.text);
    const shell = hasShell ? this.#shell(seen) : undefined;
    if (shell !== undefined) this.#try(shell);
    if (line.isParagraph) return;
    if (hasEncoded) this.#payloads(seen, seen.text);
    if (shell !== undefined && lineSignals(shell.text).hasEncoded) this.#payloads(seen, shell.text);
  }

  #shell(line: ScanLine): ScanLine | undefined {
    const reading = shellReading(line.text, (at) => originOf(line, at), this.#variables);
    if (reading === undefined) return undefined;
    const { text, origins } = reading;
    return { ...line, text, origins, view: "shell", isObfuscated: reading.isObfuscated || line.isObfuscated };
  }

  #hidden(line: ScanLine): void {
    for (const { ruleId, severity, confidence, why, at, shown, payload } of hiddenCharacters(line.text)) {
      const found = shown.slice(Math.max(0, at - SHOWN), at + SHOWN);
      const facts = { ruleId, severity, confidence, view: "raw", why: [why] } as const;
      this.#keep({ ...facts, found: payload === undefined ? found : shown }, originOf(line, at));
      if (payload !== undefined) this.#try(this.#derived(line, payload, at));
    }
  }

  #payloads(line: ScanLine, text: string): void {
    for (const payload of decodedPayloads(text)) this.#try(this.#derived(line, payload.text, payload.at));
  }

  #derived(line: ScanLine, text: string, at: number): ScanLine {
    const start = originOf(line, at);
    return { ...line, text, view: "decoded", origins: [start], start, isObfuscated: true };
  }

  #try(line: ScanLine, whole?: string): void {
    for (const match of this.#ruleset.lines.scan(line, whole)) {
      const { rule, severity, confidence, start, end, notes } = match;
      const found = line.text.slice(start, Math.max(end, start + 1));
      const facts = { ruleId: rule.id, severity, confidence, view: line.view, found };
      this.#keep({ ...facts, why: [rule.why, ...notes] }, originOf(line, start));
    }
    for (const { id, rule, matches } of this.#ruleset.custom) {
      if (!matches(line.text)) continue;
      const { severity, confidence = "high", why } = rule;
      this.#keep(
        { ruleId: id, severity, confidence, view: line.view, found: line.text, why: [why] },
        line.start,
      );
    }
  }

  /** The surest finding of each rule on each line; made only where it is kept. */
  #keep(facts: Omit<FindingFacts, "file" | "line" | "column">, at: number): void {
    const position = this.#lines.position(at);
    const key = `${facts.ruleId}:${position.line}`;
    const known = this.#best.get(key);
    if (known !== undefined && rank(facts) <= rank(known)) return;
    // Counted by weight too: many harmless ones must not keep a grave one out.
    const kind = `${facts.ruleId}:${rank(facts)}`;
    const count = this.#counts.get(kind) ?? 0;
    if (known === undefined && count >= MAX_SAME) return;
    this.#counts.set(kind, count + 1);
    this.#best.set(key, makeFinding({ ...facts, file: this.#file, ...position }));
  }
}

function visibleLine(line: ScanLine, { text, origins, isObfuscated }: Reading): ScanLine {
  return { ...line, text, view: "visible", origins: origins.map((at) => originOf(line, at)), isObfuscated };
}

function rank({ severity, confidence }: Pick<Finding, "severity" | "confidence">): number {
  const severities = ["low", "medium", "high", "critical"] as const;
  const confidences = ["low", "medium", "high"] as const;
  const isGrave = severity === "critical" || severity === "high";
  return (isGrave ? 100 : 0) + 10 * confidences.indexOf(confidence) + severities.indexOf(severity);
}
