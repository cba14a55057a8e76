import type { JsonValue } from "@symbiont/kit";
import type { ApprovalDesk } from "../approval-desk.ts";
import { ApprovalError } from "../approval-error.ts";
import { isObject } from "../http/answer-body.ts";
import { problem, STATUS, showEntry } from "../http/approval-response.ts";
import { type Delivery, receiveDelivery } from "../http/receive-delivery.ts";

/** Verifies deliveries: what `createWebhookVerifier` of `@symbiont/webhook-verify` gives. Use a replay store. */
export interface DeliveryVerifier {
  verify(request: Delivery): Promise<{ json(): JsonValue }>;
}

/** Options of {@link createWebhookReceiver}. */
export interface WebhookReceiverOptions {
  readonly desk: ApprovalDesk;
  readonly verifier: DeliveryVerifier;
}

/**
 * Makes a fetch handler for answers that another service sends as signed webhooks:
 * `{ "approval_id", "action_hash", "decision": "approve" | "deny", "approver", "reason"? }`. Whoever holds the key
 * vouches for the approver, who still must be one for the role.
 */
export function createWebhookReceiver(
  options: WebhookReceiverOptions,
): (request: Request) => Promise<Response> {
  const { desk, verifier } = options;
  return async (request) => {
    const received = await receiveDelivery(request, async (delivery) =>
      (await verifier.verify(delivery)).json(),
    );
    if (received instanceof Response) return received;
    const answer = readAnswer(received.event);
    if (answer === undefined) return problem(400, "bad_request");
    const { id, ...vote } = answer;
    try {
      return Response.json(showEntry(await desk.vote(id, { ...vote, channel: "webhook" })));
    } catch (error) {
      if (!ApprovalError.is(error)) return problem(500, "failed");
      const [status, name] = STATUS[error.code] ?? [503, "unavailable"];
      return problem(status, name, error.code);
    }
  };
}

function readAnswer(body: JsonValue) {
  if (!isObject(body)) return undefined;
  const { approval_id: id, action_hash: actionHash, decision, approver, reason } = body;
  const isSound = [id, actionHash, approver].every((value) => typeof value === "string");
  if (!isSound || (decision !== "approve" && decision !== "deny")) return undefined;
  if (reason !== undefined && typeof reason !== "string") return undefined;
  const vote = { id: id as string, actionHash: actionHash as string, approver: approver as string };
  return { ...vote, verdict: decision, ...(reason === undefined ? {} : { reason }) } as const;
}
