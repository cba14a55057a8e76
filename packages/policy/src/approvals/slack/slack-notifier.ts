import type { JsonObject } from "@symbiont/kit";
import type { ApprovalEntry } from "../approval-entry.ts";
import type { ApprovalNotifier } from "../approval-notifier.ts";
import { describeApproval } from "../describe-approval.ts";

/** Options of {@link createSlackNotifier}. */
export interface SlackNotifierOptions {
  /** Channel id, for example `C0123456789`. */
  readonly channel: string;
  /** Calls `chat.postMessage` with the message and the token that only the host knows; rejects when Slack refuses. */
  readonly post: (message: JsonObject, signal: AbortSignal) => Promise<void>;
}

/**
 * Posts questions to a Slack channel, with one button to approve and one to deny. The clicks come back through
 * `createSlackReceiver`. A message that could not be posted answers nothing: other ways stay open.
 */
export function createSlackNotifier({ channel, post }: SlackNotifierOptions): ApprovalNotifier {
  return {
    name: "slack",
    notify: async (entry, settled) => post(toMessage(entry, channel), settled),
  };
}

function toMessage(entry: ApprovalEntry, channel: string): JsonObject {
  const value = `${entry.id} ${entry.actionHash}`;
  const button = (action: string, text: string, style: string): JsonObject => ({
    type: "button",
    action_id: action,
    style,
    value,
    text: { type: "plain_text", text },
  });
  return {
    channel,
    text: "An approval is wanted.",
    // Text of strangers stays text: no links, no mentions, no formatting.
    blocks: [
      { type: "section", text: { type: "plain_text", text: describeApproval(entry), emoji: false } },
      {
        type: "actions",
        elements: [
          button("symbiont_approve", "Approve", "primary"),
          button("symbiont_deny", "Deny", "danger"),
        ],
      },
    ],
  };
}
