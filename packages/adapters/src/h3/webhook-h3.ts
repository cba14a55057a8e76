import { setEvent } from "../http/event-of.ts";
import { receiveRequest } from "../http/receive-request.ts";
import type { DeliveryOptions, DeliveryVerifier } from "../http/verify-delivery.ts";

/**
 * Receives a webhook in h3 (version 2) as middleware of a route. The handler asks `eventOf(event.req, verifier)` for the
 * verified event, which holds the body too: `readBody` finds it used up.
 * @throws AdapterError `ADAPTER_BODY_CONSUMED`, to h3's error handler.
 */
export function webhookH3<Event extends object>(
  verifier: DeliveryVerifier<Event>,
  options: DeliveryOptions = {},
): (event: { readonly req: Request }, next: () => unknown) => Promise<unknown> {
  return async ({ req }, next) => {
    const result = await receiveRequest(verifier, req, options);
    if (!result.allowed) return new Response(result.body, { status: result.status, headers: result.headers });
    setEvent(req, verifier, result.event);
    return next();
  };
}
