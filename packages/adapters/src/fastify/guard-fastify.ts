import type { IncomingMessage } from "node:http";
import { setAddress } from "../http/address-of.ts";
import { createHttpGuard, type HttpGuardOptions } from "../http/http-guard.ts";
import { pairsOf } from "../http/node-headers.ts";
import { setPrincipal } from "../http/principal-of.ts";

interface FastifyRequestLike {
  readonly raw: IncomingMessage;
}

interface FastifyReplyLike {
  code(status: number): unknown;
  headers(headers: Record<string, string>): unknown;
  send(body: string): unknown;
}

/**
 * Guards a Fastify server: `server.addHook("onRequest", guardFastify(options))`, which runs before the body is read.
 * Handlers ask `principalOf(request)` who sent it, and `addressOf(request)` from where.
 */
export function guardFastify(
  options: HttpGuardOptions,
): (request: FastifyRequestLike, reply: FastifyReplyLike) => Promise<unknown> {
  const guard = createHttpGuard(options);
  return async (request, reply) => {
    const verdict = await guard.check({
      peer: request.raw.socket.remoteAddress,
      headers: pairsOf(request.raw.rawHeaders),
    });
    reply.headers({ ...verdict.headers });
    if (verdict.allowed) {
      setPrincipal(request, verdict.principal);
      setAddress(request, verdict.address);
      return undefined;
    }
    reply.code(verdict.status);
    reply.send(verdict.body);
    // Fastify goes on to the handler unless a hook returns the reply.
    return reply;
  };
}
