import type { IncomingMessage, ServerResponse } from "node:http";
import { bodyConsumed } from "../adapter-error.ts";
import { setEvent } from "../http/event-of.ts";
import { pairsOf } from "../http/node-headers.ts";
import { readBody } from "../http/read-body.ts";
import { problem, type Refusal } from "../http/refusal.ts";
import {
  type DeliveryOptions,
  type DeliveryVerifier,
  MAX_BODY_BYTES,
  verifyDelivery,
} from "../http/verify-delivery.ts";
import type { Middleware } from "./guard-express.ts";

/**
 * Receives a webhook in Express: `app.post("/hook", webhookExpress(verifier), handler)`. The handler asks
 * `eventOf(request, verifier)` for the verified event. Works before any body parser, or after `express.raw()`.
 *
 * Passes AdapterError `ADAPTER_BODY_CONSUMED` to the error handler when a parser has eaten the raw bytes.
 */
export function webhookExpress<Event extends object>(
  verifier: DeliveryVerifier<Event>,
  options: DeliveryOptions = {},
): Middleware {
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<boolean> => {
    const result = await judge(verifier, request, options);
    if (result.allowed) {
      setEvent(request, verifier, result.event);
      return true;
    }
    response.statusCode = result.status;
    for (const [name, value] of Object.entries(result.headers)) response.setHeader(name, value);
    // What was not read of a refused body must not be taken for the next request.
    if (!request.readableEnded) response.setHeader("Connection", "close");
    response.end(result.body);
    return false;
  };
  return (request, response, next) => {
    receive(request, response).then((accepted) => (accepted ? next() : undefined), next);
  };
}

async function judge<Event extends object>(
  verifier: DeliveryVerifier<Event>,
  request: IncomingMessage & { readonly body?: unknown },
  options: DeliveryOptions,
): Promise<{ readonly allowed: true; readonly event: Event } | Refusal> {
  const rawBody = await rawBodyOf(request, options.maxBodyBytes ?? MAX_BODY_BYTES);
  if (rawBody === undefined) return problem(413, "the delivery is too large");
  const { method = "POST", rawHeaders } = request;
  return verifyDelivery(verifier, { headers: pairsOf(rawHeaders), rawBody, method }, options);
}

async function rawBodyOf(
  request: IncomingMessage & { readonly body?: unknown },
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  if (request.body instanceof Uint8Array) return request.body;
  if (request.readableDidRead || request.readableEnded || request.body !== undefined) {
    throw bodyConsumed("mount webhookExpress before express.json(), or use express.raw() on its path");
  }
  return readBody(request, maxBytes);
}
