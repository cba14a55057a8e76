import { bodyConsumed } from "../adapter-error.ts";
import { readRequest } from "./read-body.ts";
import { problem, type Refusal } from "./refusal.ts";
import {
  type DeliveryOptions,
  type DeliveryVerifier,
  MAX_BODY_BYTES,
  verifyDelivery,
} from "./verify-delivery.ts";

/**
 * Reads and verifies a web request.
 * @throws AdapterError `ADAPTER_BODY_CONSUMED`
 */
export async function receiveRequest<Event extends object>(
  verifier: DeliveryVerifier<Event>,
  request: Request,
  options: DeliveryOptions,
): Promise<{ readonly allowed: true; readonly event: Event } | Refusal> {
  if (request.bodyUsed)
    throw bodyConsumed("verify the webhook before anything calls json(), text() or formData()");
  const rawBody = await readRequest(request, options.maxBodyBytes ?? MAX_BODY_BYTES);
  if (rawBody === undefined) return problem(413, "the delivery is too large");
  return verifyDelivery(
    verifier,
    { headers: [...request.headers], rawBody, method: request.method },
    options,
  );
}
