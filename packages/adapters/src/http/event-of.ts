import type { DeliveryVerifier } from "./verify-delivery.ts";

const events = new WeakMap<object, { readonly verifier: object; readonly event: object }>();

/**
 * The event of a request that a webhook adapter let through with this verifier; undefined for any other request,
 * also for one that another verifier accepted.
 */
export function eventOf<Event extends object>(
  request: object,
  verifier: DeliveryVerifier<Event>,
): Event | undefined {
  const found = events.get(request);
  return found?.verifier === verifier ? (found.event as Event) : undefined;
}

/** Remembers the event of a request, without touching the request. */
export function setEvent<Event extends object>(
  request: object,
  verifier: DeliveryVerifier<Event>,
  event: Event,
): void {
  events.set(request, { verifier, event });
}
