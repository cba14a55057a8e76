import { sha256 } from "@symbiont/keys";
import { constantTimeEqual, encodeBase64, encodeHex } from "@symbiont/kit";
import type { SecretOptions } from "../../hmac-preset.ts";
import { decodeDigest } from "../../internal/digest-text.ts";
import { fieldProof, findFieldKey, macKeys } from "../../internal/field-signature.ts";
import { readForm } from "../../internal/form-body.ts";
import { optionalHeader, requiredHeader } from "../../internal/headers.ts";
import { sortedParameters } from "../../internal/sorted-parameters.ts";
import { describePreset, type WebhookPreset } from "../../preset.ts";
import { WebhookError } from "../../webhook-error.ts";
import type { WebhookRequest } from "../../webhook-request.ts";
import { urlSpellings } from "./url-spellings.ts";

const DIGEST_PARAMETER = "bodySHA256";
const FORM = /^application\/x-www-form-urlencoded\s*(?:;|$)/i;
const SHA256_LENGTH = 32;
const NOTHING = new Uint8Array(0);

/**
 * Twilio: HMAC-SHA-1 over the URL and the form's parameters. Bodies other than forms are bound through their
 * SHA-256 in the signed URL.
 */
export const twilio: WebhookPreset<SecretOptions> = {
  ...describePreset({
    name: "twilio",
    documentation: "https://www.twilio.com/docs/usage/webhooks/webhooks-security",
    bodyBound: true,
    legacy: true,
  }),
  prepare: ({ secrets }) => {
    const keys = macKeys(secrets, "utf8", "sha1");
    return {
      check: async (request, nowMs) => {
        const signature = requiredHeader(request.headers, "x-twilio-signature");
        const urls = urlSpellings(request.url);
        const digest = bodyDigestOf(request.url as string);
        const parameters = digest === undefined ? parametersOf(request) : "";
        const texts = urls.map((url) => url + parameters);
        const { index } = await findFieldKey(
          keys,
          { signature, encoding: "base64", hash: "sha1", texts },
          nowMs,
        );
        if (digest !== undefined) checkBody(digest, request.rawBody);
        // Which spelling was signed does not make it another delivery.
        return fieldProof(keys, index, `${urls[0]}${parameters}`);
      },
      sign: async (draft) => {
        const [url = ""] = urlSpellings(draft.url);
        const contentType = draft.contentType ?? "application/x-www-form-urlencoded";
        const headers = { "content-type": contentType };
        const signedUrl = FORM.test(contentType) ? url : withBodyDigest(url, draft.rawBody);
        const text = signedUrl + (FORM.test(contentType) ? sortedParameters(readForm(draft.rawBody)) : "");
        const tag = await keys[0]?.mac.tag({ before: text, body: NOTHING, after: "" });
        const signature = encodeBase64(tag ?? NOTHING);
        return { ...draft, url: signedUrl, headers: { ...headers, "x-twilio-signature": signature } };
      },
    };
  },
};

/** Without a digest in the signed URL only a form is covered, or a body that is empty. */
function parametersOf({ headers, rawBody }: WebhookRequest): string {
  if (rawBody.length === 0) return "";
  if (!FORM.test(optionalHeader(headers, "content-type") ?? ""))
    throw new WebhookError(
      "WEBHOOK_BODY_DIGEST_MISMATCH",
      `url has no ${DIGEST_PARAMETER} for a body that is no form`,
    );
  return sortedParameters(readForm(rawBody));
}

function bodyDigestOf(url: string): string | undefined {
  return new URL(url).searchParams.get(DIGEST_PARAMETER) ?? undefined;
}

function checkBody(digest: string, body: Uint8Array): void {
  const expected = decodeDigest(digest, "hex", SHA256_LENGTH);
  if (expected === undefined || !constantTimeEqual(expected, sha256(body)))
    throw new WebhookError("WEBHOOK_BODY_DIGEST_MISMATCH", "body is not the one that the url was signed for");
}

function withBodyDigest(url: string, body: Uint8Array): string {
  return `${url}${url.includes("?") ? "&" : "?"}${DIGEST_PARAMETER}=${encodeHex(sha256(body))}`;
}
