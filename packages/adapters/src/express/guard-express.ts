import type { IncomingMessage, ServerResponse } from "node:http";
import { setAddress } from "../http/address-of.ts";
import { createHttpGuard, type HttpGuardOptions } from "../http/http-guard.ts";
import { pairsOf } from "../http/node-headers.ts";
import { setPrincipal } from "../http/principal-of.ts";

/** Express (and Connect) middleware. */
export type Middleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/**
 * Guards an Express application: `app.use(guardExpress(options))`, before any body parser.
 * Handlers ask `principalOf(request)` who sent it, and `addressOf(request)` from where.
 */
export function guardExpress(options: HttpGuardOptions): Middleware {
  const guard = createHttpGuard(options);
  const admit = async (request: IncomingMessage, response: ServerResponse): Promise<boolean> => {
    // Read before anything is awaited: a socket that closes meanwhile forgets its address.
    const peer = request.socket.remoteAddress;
    const verdict = await guard.check({ peer, headers: pairsOf(request.rawHeaders) });
    for (const [name, value] of Object.entries(verdict.headers)) response.setHeader(name, value);
    if (verdict.allowed) {
      setPrincipal(request, verdict.principal);
      setAddress(request, verdict.address);
      return true;
    }
    response.statusCode = verdict.status;
    response.end(verdict.body);
    return false;
  };
  return (request, response, next) => {
    admit(request, response).then((admitted) => (admitted ? next() : undefined), next);
  };
}
