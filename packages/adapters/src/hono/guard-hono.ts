import { setAddress } from "../http/address-of.ts";
import { createHttpGuard, type HttpGuardOptions } from "../http/http-guard.ts";
import { setPrincipal } from "../http/principal-of.ts";

/** Such an answer has no headers left to set. */
const SWITCHING_PROTOCOLS = 101;

interface HonoContextLike {
  readonly req: { readonly raw: Request };
  readonly res: Response;
  header(name: string, value: string): void;
}

/** What the middleware needs that Hono has no runtime-independent word for. */
export interface HonoGuardOptions<Context> extends HttpGuardOptions {
  /** The peer's address, for example `(c) => getConnInfo(c).remote.address` of your runtime's adapter. */
  readonly peer: (context: Context) => string | undefined;
}

/**
 * Guards a Hono application: `app.use(guardHono(options))`.
 * Handlers ask `principalOf(c.req.raw)` who sent the request, and `addressOf(c.req.raw)` from where.
 */
export function guardHono<Context extends HonoContextLike>(
  options: HonoGuardOptions<Context>,
): (context: Context, next: () => Promise<void>) => Promise<Response | undefined> {
  const guard = createHttpGuard(options);
  return async (context, next) => {
    const { raw } = context.req;
    const verdict = await guard.check({ peer: options.peer(context), headers: [...raw.headers] });
    if (!verdict.allowed)
      return new Response(verdict.body, { status: verdict.status, headers: verdict.headers });
    setPrincipal(raw, verdict.principal);
    setAddress(raw, verdict.address);
    await next();
    // Afterwards: an answer that a handler makes itself replaces everything that was set before.
    if (context.res.status === SWITCHING_PROTOCOLS) return undefined;
    for (const [name, value] of Object.entries(verdict.headers))
      if (!context.res.headers.has(name)) context.header(name, value);
    return undefined;
  };
}
