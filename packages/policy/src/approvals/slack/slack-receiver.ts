import { decodeUtf8, type JsonValue, parseJson } from "@symbiont/kit";
import type { ApprovalDesk } from "../approval-desk.ts";
import type { ApprovalEntry } from "../approval-entry.ts";
import { ApprovalError } from "../approval-error.ts";
import { isObject } from "../http/answer-body.ts";
import { problem } from "../http/approval-response.ts";
import { type Delivery, receiveDelivery } from "../http/receive-delivery.ts";

/** Verifies Slack's signature: `createWebhookVerifier(slack, { secrets })` of `@symbiont/webhook-verify`. */
export interface SlackVerifier {
  verify(request: Delivery): Promise<unknown>;
}

/** Options of {@link createSlackReceiver}. */
export interface SlackReceiverOptions {
  readonly desk: ApprovalDesk;
  readonly verifier: SlackVerifier;
  /** Id of the workspace, for example `T0123456789`: user ids mean something only inside one. */
  readonly team: string;
  /** Who the approvers are in Slack: approver ids by user ids such as `U0123456789`. */
  readonly approvers: Readonly<Record<string, string>>;
}

/**
 * Makes a fetch handler for Slack's interactivity URL: takes the clicks on the buttons of `createSlackNotifier`.
 * Nobody may approve just because they can see the channel.
 */
export function createSlackReceiver(options: SlackReceiverOptions): (request: Request) => Promise<Response> {
  const { desk, verifier, team } = options;
  const approvers = new Map(Object.entries(options.approvers));
  return async (request) => {
    const received = await receiveDelivery(request, async (delivery) => verifier.verify(delivery));
    if (received instanceof Response) return received;
    const click = readClick(received.rawBody);
    if (click === undefined) return problem(400, "bad_request");
    const approver = click.team === team ? approvers.get(click.user) : undefined;
    if (approver === undefined) return say("You are not an approver.");
    try {
      const { id, actionHash, verdict } = click;
      return say(outcome(await desk.vote(id, { approver, verdict, actionHash, channel: "slack" })));
    } catch (error) {
      if (!ApprovalError.is(error)) return problem(500, "failed");
      return say(`Not counted: ${error.message}.`);
    }
  };
}

interface Click {
  readonly team: string;
  readonly user: string;
  readonly id: string;
  readonly actionHash: string;
  readonly verdict: "approve" | "deny";
}

function readClick(rawBody: Uint8Array): Click | undefined {
  try {
    const payload = new URLSearchParams(decodeUtf8(rawBody)).getAll("payload");
    const document = payload.length === 1 ? parseJson(payload[0] ?? "") : null;
    if (!isObject(document) || document["type"] !== "block_actions") return undefined;
    const [click] = Array.isArray(document["actions"]) ? (document["actions"] as readonly JsonValue[]) : [];
    const team = memberText(document["team"], "id");
    const user = memberText(document["user"], "id");
    const action = memberText(click, "action_id");
    const [id = "", actionHash = ""] = (memberText(click, "value") ?? "").split(" ");
    if (team === undefined || user === undefined || actionHash === "") return undefined;
    if (action !== "symbiont_approve" && action !== "symbiont_deny") return undefined;
    return { team, user, id, actionHash, verdict: action === "symbiont_approve" ? "approve" : "deny" };
  } catch {
    return undefined;
  }
}

function memberText(value: JsonValue | undefined, name: string): string | undefined {
  const member = isObject(value) ? value[name] : undefined;
  return typeof member === "string" ? member : undefined;
}

function outcome({ status, votes, quorum }: ApprovalEntry): string {
  if (status !== "pending") return `The action is ${status}.`;
  return `Counted: ${votes.length} of ${quorum}.`;
}

function say(text: string): Response {
  return Response.json({ response_type: "ephemeral", replace_original: false, text });
}
