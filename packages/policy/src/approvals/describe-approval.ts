import { canonicalJson } from "@symbiont/kit";
import type { ApprovalEntry } from "./approval-entry.ts";

const MAX_SUMMARY_LENGTH = 1500;
// What a terminal or a chat would act on, or what a reader would not see.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/**
 * Says in a few lines what somebody is asked to approve: who, what, with which redacted arguments, until when, and
 * the first digits of the action hash. Every character that is not plain text is written as an escape.
 */
export function describeApproval(entry: ApprovalEntry): string {
  const summary = escapeUnseen(canonicalJson(entry.summary));
  const rest = summary.length - MAX_SUMMARY_LENGTH;
  const shown = rest > 0 ? `${summary.slice(0, MAX_SUMMARY_LENGTH)}… (${rest} characters more)` : summary;
  return [
    `${entry.principal.kind} ${escapeUnseen(entry.principal.id)} wants: ${escapeUnseen(entry.action)}`,
    `arguments: ${shown}`,
    `needs: ${entry.quorum} of ${escapeUnseen(entry.role)}`,
    `until: ${new Date(entry.expiresAt).toISOString()}`,
    `action: ${shortHash(entry.actionHash)}`,
  ].join("\n");
}

/** The first 12 digits of an action hash, to be compared by people. */
export function shortHash(actionHash: string): string {
  return actionHash.replace(/^sha256:/, "").slice(0, 12);
}

function escapeUnseen(text: string): string {
  return text.replace(UNSEEN, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
