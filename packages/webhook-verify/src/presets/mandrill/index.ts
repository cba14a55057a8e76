import { encodeBase64 } from "@symbiont/kit";
import type { SecretOptions } from "../../hmac-preset.ts";
import { fieldProof, findFieldKey, macKeys } from "../../internal/field-signature.ts";
import { readForm } from "../../internal/form-body.ts";
import { requiredHeader } from "../../internal/headers.ts";
import { sortedParameters } from "../../internal/sorted-parameters.ts";
import { describePreset, type WebhookPreset } from "../../preset.ts";
import { WebhookError } from "../../webhook-error.ts";

const NOTHING = new Uint8Array(0);

/** Mandrill (Mailchimp Transactional): HMAC-SHA-1 over the configured URL and the form's parameters. */
export const mandrill: WebhookPreset<SecretOptions> = {
  ...describePreset({
    name: "mandrill",
    documentation: "https://mailchimp.com/developer/transactional/guides/track-respond-activity-webhooks/",
    bodyBound: true,
    legacy: true,
    unverified: true,
  }),
  prepare: ({ secrets }) => {
    const keys = macKeys(secrets, "utf8", "sha1");
    return {
      check: async ({ headers, url, rawBody }, nowMs) => {
        const signature = requiredHeader(headers, "x-mandrill-signature");
        const text = signedText(url, rawBody);
        const { index } = await findFieldKey(
          keys,
          { signature, encoding: "base64", hash: "sha1", texts: [text] },
          nowMs,
        );
        return fieldProof(keys, index, text);
      },
      sign: async (draft) => {
        const text = signedText(draft.url, draft.rawBody);
        const tag = await keys[0]?.mac.tag({ before: text, body: NOTHING, after: "" });
        return { ...draft, headers: { "x-mandrill-signature": encodeBase64(tag ?? NOTHING) } };
      },
    };
  },
};

function signedText(url: string | undefined, body: Uint8Array): string {
  if (url === undefined)
    throw new WebhookError("WEBHOOK_MISSING_CONTEXT", "scheme signs the url, which was not given");
  return url + sortedParameters(readForm(body));
}
