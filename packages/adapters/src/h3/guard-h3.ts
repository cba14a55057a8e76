import { setAddress } from "../http/address-of.ts";
import { createHttpGuard, type HttpGuardOptions } from "../http/http-guard.ts";
import { setPrincipal } from "../http/principal-of.ts";

interface H3EventLike {
  readonly req: Request & { readonly ip?: string | undefined };
  readonly res: { readonly headers: Headers; readonly errHeaders: Headers };
}

/**
 * Guards an h3 (version 2) application: `app.use(guardH3(options))`.
 * Handlers ask `principalOf(event.req)` who sent the request, and `addressOf(event.req)` from where.
 */
export function guardH3(
  options: HttpGuardOptions,
): (event: H3EventLike, next: () => unknown) => Promise<unknown> {
  const guard = createHttpGuard(options);
  return async (event, next) => {
    const verdict = await guard.check({ peer: event.req.ip, headers: [...event.req.headers] });
    if (!verdict.allowed)
      return new Response(verdict.body, { status: verdict.status, headers: verdict.headers });
    setPrincipal(event.req, verdict.principal);
    setAddress(event.req, verdict.address);
    for (const [name, value] of Object.entries(verdict.headers)) {
      event.res.headers.set(name, value);
      event.res.errHeaders.set(name, value); // of an answer that h3 makes of an error
    }
    const answer = await next();
    // h3 puts these over the headers of an answer that a handler makes itself; its own word counts.
    for (const name of Object.keys(verdict.headers)) {
      if (!(answer instanceof Response && answer.headers.has(name))) continue;
      event.res.headers.delete(name);
      event.res.errHeaders.delete(name);
    }
    return answer;
  };
}
