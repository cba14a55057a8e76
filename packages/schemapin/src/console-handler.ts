import { createInterface } from "node:readline/promises";
import type { DecisionHandler, PinChoice, PinDecision, PinQuestion } from "./pin-decision.ts";

/** Where a question is asked. */
export interface ConsoleHandlerOptions {
  /** Default `process.stdin`. */
  readonly input?: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  /** Default `process.stderr`: standard output may carry a protocol. */
  readonly output?: NodeJS.WritableStream;
  /** Who answers. Default: nobody is named. */
  readonly by?: string;
}

const CHOICES: ReadonlyMap<string, PinChoice> = new Map([
  ["a", "accept"],
  ["r", "reject"],
  ["t", "always_trust"],
  ["n", "never_trust"],
  ["o", "temporary_accept"],
]);
const TITLES: Readonly<Record<PinQuestion["prompt"], string>> = {
  first_time_key: "A tool is signed with a key that was never seen.",
  key_change: "A tool is signed with ANOTHER KEY than the pinned one.",
  definition_change: "A tool has changed. The change is correctly signed.",
};
const MAX_SHOWN_CHANGES = 20;

/** Asks on the terminal, one question at a time. Where there is no terminal the answer is no. */
export function createConsoleHandler(options: ConsoleHandlerOptions = {}): DecisionHandler {
  let before: Promise<unknown> = Promise.resolve();
  return {
    decide: async (question, signal) => {
      const answer = before.then(async () => ask(question, signal, options));
      before = answer.catch(() => undefined);
      return answer;
    },
  };
}

async function ask(
  question: PinQuestion,
  signal: AbortSignal,
  { input = process.stdin, output = process.stderr, by }: ConsoleHandlerOptions,
): Promise<PinDecision> {
  if (input.isTTY !== true || signal.aborted) return { choice: "reject" };
  const terminal = createInterface({ input, output });
  try {
    const text = await terminal.question(describe(question), { signal });
    const choice = CHOICES.get(text.trim().toLowerCase()) ?? "reject";
    return { choice, ...(by === undefined ? {} : { by }) };
  } finally {
    terminal.close();
  }
}

function describe({ prompt, domain, subject, newKey, currentKey, diff = [] }: PinQuestion): string {
  const changes = diff
    .slice(0, MAX_SHOWN_CHANGES)
    .map(({ kind, path, before = "", after = "" }) => `  ${kind} ${path}: ${before} -> ${after}`);
  return [
    TITLES[prompt],
    `  tool: ${subject} of ${domain}${newKey.developerName === undefined ? "" : ` (${newKey.developerName})`}`,
    ...(currentKey === undefined ? [] : [`  pinned key: ${currentKey.fingerprint}`]),
    `  key:        ${newKey.fingerprint}`,
    ...changes,
    ...(diff.length > MAX_SHOWN_CHANGES ? [`  and ${diff.length - MAX_SHOWN_CHANGES} more`] : []),
    "[a]ccept, [r]eject, always [t]rust the domain, [n]ever trust it, accept [o]nce (default r): ",
  ].join("\n");
}
