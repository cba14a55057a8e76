import { decodeUtf8, type JsonObject, type JsonValue, parseJson } from "@symbiont/kit";
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
  /**
   * Posts a message to the `response_url` of a click, which is how Slack shows whoever clicked what came of it. Gets
   * only addresses under `https://hooks.slack.com/`. What goes wrong is ignored. Default: nothing is shown.
   */
  readonly respond?: (responseUrl: string, message: JsonObject) => Promise<void>;
}

const RESPONSE_URLS = "https://hooks.slack.com/";

/**
 * Makes a fetch handler for Slack's interactivity URL: takes the clicks on the buttons of `createSlackNotifier`.
 * Nobody may approve just because they can see the channel.
 */
export function createSlackReceiver(options: SlackReceiverOptions): (request: Request) => Promise<Response> {
  const { verifier } = options;
  const approvers = new Map(Object.entries(options.approvers));
  return async (request) => {
    const received = await receiveDelivery(request, async (delivery) => verifier.verify(delivery));
    if (received instanceof Response) return received;
    const click = readClick(received.rawBody);
    if (click === undefined) return problem(400, "bad_request");
    try {
      const text = await count(options, approvers, click);
      const message = { response_type: "ephemeral", replace_original: false, text };
      const { responseUrl } = click;
      if (responseUrl?.startsWith(RESPONSE_URLS) === true)
        void (async () => options.respond?.(responseUrl, message))().catch(() => undefined);
      return Response.json(message);
    } catch {
      return problem(500, "failed");
    }
  };
}

/** Counts a click, and says in a sentence what came of it. */
async function count(
  { desk, team }: SlackReceiverOptions,
  approvers: ReadonlyMap<string, string>,
  click: Click,
): Promise<string> {
  const approver = click.team === team ? approvers.get(click.user) : undefined;
  if (approver === undefined) return "You are not an approver.";
  const { id, actionHash, verdict } = click;
  try {
    return outcome(await desk.vote(id, { approver, verdict, actionHash, channel: "slack" }));
  } catch (error) {
    if (!ApprovalError.is(error)) throw error;
    return `Not counted: ${error.message}.`;
  }
}

interface Click {
  readonly team: string;
  readonly user: string;
  readonly id: string;
  readonly actionHash: string;
  readonly verdict: "approve" | "deny";
  readonly responseUrl: string | undefined;
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
    const verdict = action === "symbiont_approve" ? "approve" : "deny";
    return { team, user, id, actionHash, verdict, responseUrl: memberText(document, "response_url") };
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
