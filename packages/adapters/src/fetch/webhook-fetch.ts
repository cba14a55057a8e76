import { receiveRequest } from "../http/receive-request.ts";
import type { DeliveryOptions, DeliveryVerifier } from "../http/verify-delivery.ts";

/**
 * Receives a webhook with a web-standard handler, such as a Next.js route: `export const POST = webhookFetch(…)`.
 * The handler gets the verified event; what is not verified is refused before it.
 * @throws AdapterError (as a rejection) `ADAPTER_BODY_CONSUMED`
 */
export function webhookFetch<Event extends object>(
  verifier: DeliveryVerifier<Event>,
  handler: (event: Event, request: Request) => Response | Promise<Response>,
  options: DeliveryOptions = {},
): (request: Request) => Promise<Response> {
  return async (request) => {
    const result = await receiveRequest(verifier, request, options);
    if (!result.allowed) return new Response(result.body, { status: result.status, headers: result.headers });
    return handler(result.event, request);
  };
}
