import { createHttpGuard, type HttpGuardOptions } from "../http/http-guard.ts";
import { setPrincipal } from "../http/principal-of.ts";

interface HonoContextLike {
  readonly req: { readonly raw: Request };
  header(name: string, value: string): void;
}

/** What the middleware needs that Hono has no runtime-independent word for. */
export interface HonoGuardOptions<Context> extends HttpGuardOptions {
  /** The peer's address, for example `(c) => getConnInfo(c).remote.address` of your runtime's adapter. */
  readonly peer: (context: Context) => string | undefined;
}

/**
 * Guards a Hono application: `app.use(guardHono(options))`.
 * Handlers ask `principalOf(c.req.raw)` who sent the request.
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
    for (const [name, value] of Object.entries(verdict.headers)) context.header(name, value);
    await next();
    return undefined;
  };
}
