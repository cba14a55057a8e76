import type { Principal } from "@symbiont/kit";
import { createHttpGuard, type HttpGuardOptions } from "../http/http-guard.ts";

/** What a guarded handler learns besides the request. */
export interface FetchContext {
  readonly principal: Principal | undefined;
  readonly address: string | undefined;
}

/**
 * Guards a web-standard handler.
 * @returns a handler that also takes the peer's address, which a `Request` does not carry.
 */
export function guardFetch(
  handler: (request: Request, context: FetchContext) => Response | Promise<Response>,
  options: HttpGuardOptions,
): (request: Request, connection: { readonly peer: string | undefined }) => Promise<Response> {
  const guard = createHttpGuard(options);
  return async (request, { peer }) => {
    const verdict = await guard.check({ peer, headers: [...request.headers] });
    if (!verdict.allowed)
      return new Response(verdict.body, { status: verdict.status, headers: verdict.headers });
    const { principal, address } = verdict;
    const response = await handler(request, { principal, address });
    // The answer to an upgrade means something to the runtime only as the object that it is.
    if (response.status === 101) return response;
    const headers = new Headers(response.headers);
    for (const [name, value] of Object.entries(verdict.headers))
      if (!headers.has(name)) headers.set(name, value);
    return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
  };
}
