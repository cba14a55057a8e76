import { decodeUtf8 } from "@symbiont/kit";
import { WebhookError } from "../webhook-error.ts";

const MAX_PARAMETERS = 10_000;

/**
 * Reads a body as `application/x-www-form-urlencoded`: names and values in their order.
 * @throws WebhookError `WEBHOOK_MALFORMED_BODY`
 */
export function readForm(body: Uint8Array): readonly (readonly [string, string])[] {
  let text: string;
  try {
    text = decodeUtf8(body);
  } catch {
    throw new WebhookError("WEBHOOK_MALFORMED_BODY", "body is not a form in UTF-8");
  }
  const pairs = [...new URLSearchParams(text)];
  if (pairs.length > MAX_PARAMETERS)
    throw new WebhookError("WEBHOOK_MALFORMED_BODY", `body holds more than ${MAX_PARAMETERS} parameters`);
  return pairs;
}
