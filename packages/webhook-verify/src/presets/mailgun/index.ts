import { encodeHex, type JsonObject } from "@symbiont/kit";
import type { TimedSecretOptions } from "../../hmac-preset.ts";
import { fieldProof, findFieldKey, macKeys } from "../../internal/field-signature.ts";
import { asObject, asText, readJsonObject } from "../../internal/json-body.ts";
import { checkAge, checkTolerance, readTimestamp, writeTimestamp } from "../../internal/timestamp.ts";
import { describePreset, type WebhookPreset } from "../../preset.ts";
import { WebhookError } from "../../webhook-error.ts";

const NOTHING = new Uint8Array(0);
const TOKEN = /^[\x21-\x7e]{1,256}$/;

/**
 * Mailgun: HMAC-SHA-256 over a time and a token in the body. The event beside them is not covered, so a replay
 * store is required: whoever sees one delivery could otherwise send any other under its signature.
 */
export const mailgun: WebhookPreset<TimedSecretOptions> = {
  ...describePreset({
    name: "mailgun",
    documentation: "https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks",
    bodyBound: false,
  }),
  needsReplayStore: true,
  prepare: ({ secrets, toleranceMs: requested = 300_000 }) => {
    const keys = macKeys(secrets, "utf8", "sha256");
    const toleranceMs = checkTolerance("toleranceMs", requested);
    return {
      check: async ({ rawBody }, nowMs) => {
        const fields = asObject(readJsonObject(rawBody)["signature"], "member signature");
        const timestamp = asText(fields["timestamp"], "timestamp");
        const token = asText(fields["token"], "token");
        const signature = asText(fields["signature"], "signature");
        if (!TOKEN.test(token))
          throw new WebhookError("WEBHOOK_MALFORMED_BODY", "token is not visible ASCII");
        const timestampMs = readTimestamp(timestamp, "s");
        checkAge(timestampMs, nowMs, toleranceMs);
        const texts = [timestamp + token];
        const { index } = await findFieldKey(
          keys,
          { signature, encoding: "hex", hash: "sha256", texts },
          nowMs,
        );
        const claims: JsonObject = { timestamp, token };
        // Of the signed text only the token is single-use, and where the time ends in it cannot be told.
        return {
          ...fieldProof(keys, index, timestamp + token, claims),
          timestampMs,
          windowMs: toleranceMs * 2,
        };
      },
      sign: async (draft, nowMs) => {
        const timestamp = writeTimestamp(nowMs, "s");
        const token = encodeHex(crypto.getRandomValues(new Uint8Array(25)));
        const tag = await keys[0]?.mac.tag({ before: timestamp + token, body: NOTHING, after: "" });
        const signature = { timestamp, token, signature: encodeHex(tag ?? NOTHING) };
        const event = JSON.parse(new TextDecoder().decode(draft.rawBody)) as object;
        const rawBody = new TextEncoder().encode(JSON.stringify({ ...event, signature }));
        return { ...draft, rawBody, headers: { "content-type": "application/json" } };
      },
    };
  },
};
