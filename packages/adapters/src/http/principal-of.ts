import type { Principal } from "@symbiont/kit";

const principals = new WeakMap<object, Principal>();

/** Who sent a request that a guard let through; undefined when it did not ask, or never saw the request. */
export function principalOf(request: object): Principal | undefined {
  return principals.get(request);
}

/** Remembers who sent a request, without touching the request. */
export function setPrincipal(request: object, principal: Principal | undefined): void {
  if (principal !== undefined) principals.set(request, principal);
}
