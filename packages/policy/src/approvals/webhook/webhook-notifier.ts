import { encodeUtf8 } from "@symbiont/kit";
import type { ApprovalEntry } from "../approval-entry.ts";
import type { ApprovalNotifier } from "../approval-notifier.ts";
import { showEntry } from "../http/approval-response.ts";

/** A request that has been signed: what `signWebhook` of `@symbiont/webhook-verify` gives. */
export interface SignedDelivery {
  readonly headers: Readonly<Record<string, string>>;
  readonly rawBody: Uint8Array;
}

/** Options of {@link createWebhookNotifier}. */
export interface WebhookNotifierOptions {
  readonly url: string;
  /** Signs a delivery, for example `(draft) => signWebhook(standardWebhooks, draft, { secrets })`. */
  readonly sign: (draft: {
    readonly rawBody: Uint8Array;
    readonly url: string;
    readonly method: string;
    readonly id: string;
    readonly contentType: string;
  }) => Promise<SignedDelivery>;
  /** Sends it. Give one that guards against private addresses when the address is not the operator's own. */
  readonly fetch: (
    url: string,
    init: {
      readonly method: "POST";
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Uint8Array<ArrayBuffer>;
      readonly redirect: "error";
      readonly signal: AbortSignal;
    },
  ) => Promise<{ readonly status: number }>;
  /** Longest time for the delivery, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number;
}

/**
 * Tells another service about questions by a signed webhook, `{ "type": "approval.requested", "approval": … }`.
 * Its answer comes back through `createWebhookReceiver`, or another way.
 */
export function createWebhookNotifier(options: WebhookNotifierOptions): ApprovalNotifier {
  const { url, sign, fetch, timeoutMs = 10_000 } = options;
  return {
    name: "webhook",
    async notify(entry: ApprovalEntry, settled: AbortSignal) {
      const rawBody = encodeUtf8(JSON.stringify({ type: "approval.requested", approval: showEntry(entry) }));
      const contentType = "application/json";
      const signed = await sign({ rawBody, url, method: "POST", id: entry.id, contentType });
      const { status } = await fetch(url, {
        method: "POST",
        headers: { "content-type": contentType, ...signed.headers },
        body: new Uint8Array(signed.rawBody),
        redirect: "error",
        signal: AbortSignal.any([settled, AbortSignal.timeout(timeoutMs)]),
      });
      if (status < 200 || status > 299) throw new Error(`the webhook answered with status ${status}`);
    },
  };
}
