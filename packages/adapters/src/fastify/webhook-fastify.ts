import type { IncomingMessage } from "node:http";
import { bodyConsumed } from "../adapter-error.ts";
import { setEvent } from "../http/event-of.ts";
import { pairsOf } from "../http/node-headers.ts";
import {
  type DeliveryOptions,
  type DeliveryVerifier,
  MAX_BODY_BYTES,
  verifyDelivery,
} from "../http/verify-delivery.ts";

interface FastifyRequestLike {
  readonly raw: IncomingMessage;
  readonly body: unknown;
}

interface FastifyReplyLike {
  code(status: number): unknown;
  headers(headers: Record<string, string>): unknown;
  send(body: string): unknown;
}

interface FastifyScopeLike {
  removeAllContentTypeParsers(): void;
  addContentTypeParser(
    type: string,
    options: { readonly parseAs: "buffer"; readonly bodyLimit: number },
    parser: (request: unknown, body: Buffer, done: (error: Error | null, body?: unknown) => void) => void,
  ): void;
  addHook(
    name: "preHandler",
    hook: (request: FastifyRequestLike, reply: FastifyReplyLike) => Promise<unknown>,
  ): unknown;
}

/**
 * Receives webhooks in a scope of their own, where bodies stay raw bytes:
 * `server.register(async (scope) => { webhookFastify(scope, verifier); scope.post("/hook", handler); })`.
 * Handlers ask `eventOf(request, verifier)` for the verified event.
 */
export function webhookFastify<Event extends object>(
  scope: FastifyScopeLike,
  verifier: DeliveryVerifier<Event>,
  options: DeliveryOptions = {},
): void {
  scope.removeAllContentTypeParsers();
  const limits = { parseAs: "buffer", bodyLimit: options.maxBodyBytes ?? MAX_BODY_BYTES } as const;
  scope.addContentTypeParser("*", limits, (_, body, done) => done(null, body));
  scope.addHook("preHandler", async (request, reply) => {
    const { body, raw } = request;
    if (body !== undefined && !(body instanceof Uint8Array)) {
      throw bodyConsumed("add no content type parser to the scope of webhookFastify");
    }
    const delivery = {
      headers: pairsOf(raw.rawHeaders),
      rawBody: body ?? new Uint8Array(0),
      method: raw.method ?? "POST",
    };
    const result = await verifyDelivery(verifier, delivery, options);
    if (result.allowed) {
      setEvent(request, verifier, result.event);
      return undefined;
    }
    reply.code(result.status);
    reply.headers({ ...result.headers });
    reply.send(result.body);
    return reply;
  });
}
