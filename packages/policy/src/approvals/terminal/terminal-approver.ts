import { randomInt } from "node:crypto";
import { createInterface } from "node:readline/promises";
import type { ApprovalDesk } from "../approval-desk.ts";
import type { ApprovalEntry } from "../approval-entry.ts";
import { ApprovalError } from "../approval-error.ts";
import type { ApprovalNotifier } from "../approval-notifier.ts";
import { describeApproval } from "../describe-approval.ts";

/** Options of {@link createTerminalApprover}. */
export interface TerminalApproverOptions {
  /** Where votes go. A function, because the desk wants its notifiers first. */
  readonly desk: () => ApprovalDesk;
  /** Who sits at the terminal: an approver id. */
  readonly approver: string;
  /** Default `process.stdin`. */
  readonly input?: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  /** Default `process.stderr`: standard output may carry a protocol. */
  readonly output?: NodeJS.WritableStream;
}

/** Letters and digits that nobody mixes up. */
const ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz";
const WORD_LENGTH = 4;

/**
 * Asks on the terminal, one question at a time. To approve, a random word of four characters has to be typed, so
 * that no stray Enter and no text pasted before can; `no` denies; anything else asks again. A question that was
 * answered elsewhere or whose time is over disappears. Where there is no terminal nothing is asked.
 */
export function createTerminalApprover(options: TerminalApproverOptions): ApprovalNotifier {
  let before: Promise<unknown> = Promise.resolve();
  return {
    name: "terminal",
    async notify(entry, settled) {
      const turn = before.then(async () => ask(entry, settled, options));
      before = turn.catch(() => undefined);
      await turn;
    },
  };
}

async function ask(
  entry: ApprovalEntry,
  settled: AbortSignal,
  { desk, approver, input = process.stdin, output = process.stderr }: TerminalApproverOptions,
): Promise<void> {
  if (input.isTTY !== true) throw new Error("there is no terminal");
  if (settled.aborted) return;
  const word = Array.from({ length: WORD_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
  const terminal = createInterface({ input, output });
  const { id, actionHash } = entry;
  try {
    output.write(`\n${describeApproval(entry)}\n`);
    for (;;) {
      const prompt = `type ${word} to approve, no to deny: `;
      const text = (await terminal.question(prompt, { signal: settled })).trim().toLowerCase();
      const verdict = text === word ? "approve" : text === "no" ? "deny" : undefined;
      if (verdict === undefined) continue;
      await desk().vote(id, { approver, verdict, actionHash, channel: "terminal" });
      return;
    }
  } catch (error) {
    if (settled.aborted) output.write("\nanswered elsewhere, or too late\n");
    else if (ApprovalError.is(error)) output.write(`\nnot counted: ${error.message}\n`);
    else throw error;
  } finally {
    terminal.close();
  }
}
