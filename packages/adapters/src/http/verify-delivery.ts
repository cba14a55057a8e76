import { SymbiontError } from "@symbiont/kit";
import { type HeaderPairs, problem, type Refusal } from "./refusal.ts";

/** Verifies deliveries: what `createWebhookVerifier` of `@symbiont/webhook-verify` returns. */
export interface DeliveryVerifier<Event extends object> {
  verify(delivery: {
    readonly headers: HeaderPairs;
    readonly rawBody: Uint8Array;
    readonly url?: string;
    readonly method?: string;
  }): Promise<Event>;
}

/** What an adapter cannot find out by itself. */
export interface DeliveryOptions {
  /** Longest body in bytes. Default 1 MiB. */
  readonly maxBodyBytes?: number;
  /**
   * The public URL that the sender was given, for schemes that sign it. Never build it from request headers: behind
   * a proxy the server sees another one.
   */
  readonly url?: string;
}

/** Default of {@link DeliveryOptions.maxBodyBytes}. */
export const MAX_BODY_BYTES: number = 1 << 20;

/** Verifies one delivery, and words a refusal as a response. Never rejects. */
export async function verifyDelivery<Event extends object>(
  verifier: DeliveryVerifier<Event>,
  delivery: { readonly headers: HeaderPairs; readonly rawBody: Uint8Array; readonly method: string },
  { url, maxBodyBytes = MAX_BODY_BYTES }: DeliveryOptions,
): Promise<{ readonly allowed: true; readonly event: Event } | Refusal> {
  // Signatures are over the bytes as sent; hosts differ in whether they inflate, so none may be compressed.
  const encoded = delivery.headers.some(
    ([name, value]) => /^content-encoding$/i.test(name) && value !== "identity",
  );
  if (encoded) return problem(415, "the delivery must not be compressed");
  if (delivery.rawBody.length > maxBodyBytes) return problem(413, "the delivery is too large");
  try {
    return {
      allowed: true,
      event: await verifier.verify(url === undefined ? delivery : { ...delivery, url }),
    };
  } catch (error) {
    return problem(statusOf(error), "the delivery was not accepted");
  }
}

function statusOf(error: unknown): number {
  const status: unknown = SymbiontError.is(error)
    ? (error as { httpStatus?: unknown }).httpStatus
    : undefined;
  return typeof status === "number" && status >= 400 && status <= 599 ? status : 500;
}
