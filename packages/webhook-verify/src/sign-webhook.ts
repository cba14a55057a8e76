import type { SignedWebhook, WebhookDraft, WebhookPreset } from "./preset.ts";

/** Options of {@link signWebhook} beside those of the preset. */
export interface SignOptions {
  /** Epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

/**
 * Signs a delivery as the provider would: for tests, and for senders of one's own. Where a header can hold several
 * signatures every secret signs, otherwise the first. The result is a request that the preset's verifier accepts.
 * @throws TypeError (as a rejection) when the preset's signing key is not one that receivers hold.
 */
export async function signWebhook<Options>(
  preset: WebhookPreset<Options>,
  draft: WebhookDraft,
  options: NoInfer<Options> & SignOptions,
): Promise<SignedWebhook> {
  const { now = Date.now } = options;
  const prepared = preset.prepare(options);
  if (prepared.sign === undefined)
    throw new TypeError(`preset ${preset.name} cannot sign: only the provider holds the signing key`);
  return prepared.sign(draft, now());
}
