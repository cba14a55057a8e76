import { setEvent } from "../http/event-of.ts";
import { receiveRequest } from "../http/receive-request.ts";
import type { DeliveryOptions, DeliveryVerifier } from "../http/verify-delivery.ts";

interface HonoContextLike {
  readonly req: { readonly raw: Request };
}

/**
 * Receives a webhook in Hono: `app.post("/hook", webhookHono(verifier), handler)`. The handler asks
 * `eventOf(c.req.raw, verifier)` for the verified event.
 * @throws AdapterError `ADAPTER_BODY_CONSUMED`, to Hono's error handler.
 */
export function webhookHono<Event extends object>(
  verifier: DeliveryVerifier<Event>,
  options: DeliveryOptions = {},
): (context: HonoContextLike, next: () => Promise<void>) => Promise<Response | undefined> {
  return async (context, next) => {
    const { raw } = context.req;
    const result = await receiveRequest(verifier, raw, options);
    if (!result.allowed) return new Response(result.body, { status: result.status, headers: result.headers });
    setEvent(raw, verifier, result.event);
    await next();
    return undefined;
  };
}
