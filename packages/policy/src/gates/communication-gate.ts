import type { Decision, DecisionRequest, Principal } from "@symbiont/kit";
import { createRuleList, type ListedRule, type RuleListOptions, requireText } from "./rule-list.ts";

/** A message from one agent to another. */
export interface AgentMessage {
  readonly sender: string;
  readonly recipient: string;
  /** Default none. */
  readonly type?: string;
  /** Default none. */
  readonly topic?: string;
}

/** When a rule about messages applies. */
export type MessageCondition =
  | { readonly t: "sender" | "recipient"; readonly id: string }
  | { readonly t: "always" }
  | { readonly t: "all" | "any"; readonly of: readonly MessageCondition[] };

/**
 * A message as a request to a policy: the sender acts, the operation is `message`, the recipient its first subject.
 * So `allow: message(recipient) if recipient == "auditor"` is a rule about messages.
 * @param principal the sender as it was authenticated.
 */
export function messageRequest(
  principal: Principal,
  { recipient, type, topic }: AgentMessage,
): DecisionRequest {
  const message = {
    recipient,
    ...(type === undefined ? {} : { type }),
    ...(topic === undefined ? {} : { topic }),
  };
  return {
    principal,
    action: "message",
    resource: { kind: "agent", id: recipient },
    context: { message, subjects: [recipient] },
  };
}

/**
 * Decides about messages by rules that are data, as Symbiont keeps them.
 *
 * Differs from Symbiont: deny wins over priority, unless the order is `first_match`.
 * @throws RangeError for a rule that cannot be read; it is never skipped.
 */
export function createCommunicationGate(
  rules: readonly ListedRule<MessageCondition>[],
  options: RuleListOptions = {},
): (message: AgentMessage) => Decision {
  return createRuleList(rules, compile, options);
}

function compile(condition: MessageCondition): (message: AgentMessage) => boolean {
  switch (condition.t) {
    case "sender": {
      const id = requireText(condition.id);
      return ({ sender }) => sender === id;
    }
    case "recipient": {
      const id = requireText(condition.id);
      return ({ recipient }) => recipient === id;
    }
    case "always":
      return () => true;
    case "all": {
      const parts = condition.of.map(compile);
      return (message) => parts.every((part) => part(message));
    }
    case "any": {
      const parts = condition.of.map(compile);
      return (message) => parts.some((part) => part(message));
    }
    default:
      throw new RangeError("a condition about messages is not known");
  }
}
