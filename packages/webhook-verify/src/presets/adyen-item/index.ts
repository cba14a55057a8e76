import { encodeBase64, JsonNumber, type JsonObject, type JsonTree, type JsonTreeObject } from "@symbiont/kit";
import type { SecretOptions } from "../../hmac-preset.ts";
import { fieldProof, findFieldKey, macKeys } from "../../internal/field-signature.ts";
import { asObject, asText, readJsonObject } from "../../internal/json-body.ts";
import { describePreset, type WebhookPreset } from "../../preset.ts";
import { WebhookError } from "../../webhook-error.ts";

const MAX_ITEMS = 100;
const NOTHING = new Uint8Array(0);
const FIELDS = [
  "pspReference",
  "originalReference",
  "merchantAccountCode",
  "merchantReference",
  "value",
  "currency",
  "eventCode",
  "success",
] as const;

/**
 * Adyen payments: HMAC-SHA-256 over eight fields of each notification item, with a key shown in hex. Every item
 * must be signed, all by the same key. Nothing but those fields is covered: read them from `claims`.
 */
export const adyenItem: WebhookPreset<SecretOptions> = {
  ...describePreset({
    name: "adyen-item",
    documentation:
      "https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures",
    bodyBound: false,
  }),
  prepare: ({ secrets }) => {
    const keys = macKeys(secrets, "hex", "sha256");
    return {
      check: async ({ rawBody }, nowMs) => {
        const items = readItems(rawBody);
        const signed: JsonObject[] = [];
        let keyIndex: number | undefined;
        for (const item of items) {
          const fields = readFields(item);
          const signature = asText(
            asObject(item["additionalData"], "additionalData")["hmacSignature"],
            "signature",
          );
          const texts = [signedText(fields)];
          const { index } = await findFieldKey(
            keys,
            { signature, encoding: "base64", hash: "sha256", texts },
            nowMs,
          );
          if (keyIndex !== undefined && keyIndex !== index)
            throw new WebhookError("WEBHOOK_SIGNATURE_MISMATCH", "items are signed by different keys");
          keyIndex = index;
          signed.push(fields);
        }
        return fieldProof(keys, keyIndex as number, JSON.stringify(signed), { items: signed });
      },
      sign: async (draft) => {
        const body = JSON.parse(new TextDecoder().decode(draft.rawBody)) as Draft;
        const items = readItems(draft.rawBody);
        for (const [index, { NotificationRequestItem: item }] of body.notificationItems.entries()) {
          const text = signedText(readFields(items[index] as JsonTreeObject));
          const tag = await keys[0]?.mac.tag({ before: text, body: NOTHING, after: "" });
          item.additionalData = { ...item.additionalData, hmacSignature: encodeBase64(tag ?? NOTHING) };
        }
        const rawBody = new TextEncoder().encode(JSON.stringify(body));
        return { ...draft, rawBody, headers: { "content-type": "application/json" } };
      },
    };
  },
};

interface Draft {
  readonly notificationItems: readonly { readonly NotificationRequestItem: { additionalData?: object } }[];
}

function readItems(body: Uint8Array): readonly JsonTreeObject[] {
  const items = readJsonObject(body)["notificationItems"];
  if (!Array.isArray(items) || items.length === 0 || items.length > MAX_ITEMS)
    throw new WebhookError(
      "WEBHOOK_MALFORMED_BODY",
      `body does not hold 1 to ${MAX_ITEMS} notification items`,
    );
  return items.map((item: JsonTree) =>
    asObject(asObject(item, "item")["NotificationRequestItem"], "NotificationRequestItem"),
  );
}

function readFields(item: JsonTreeObject): Readonly<Record<(typeof FIELDS)[number], string>> {
  const amount = asObject(item["amount"], "amount");
  const pairs = FIELDS.map((name) => [
    name,
    asField(name === "value" || name === "currency" ? amount[name] : item[name]),
  ]);
  // Fields are signed with colons between them. Where only the merchant's own words may hold any, the signed text can be
  // taken apart in one way; else the end of one field could be passed off as the next.
  for (const [name = "", value = ""] of pairs)
    if (name !== "merchantReference" && value.includes(":"))
      throw new WebhookError("WEBHOOK_MALFORMED_BODY", `field ${name} holds a colon`);
  return Object.fromEntries(pairs) as Readonly<Record<(typeof FIELDS)[number], string>>;
}

function signedText(fields: Readonly<Record<(typeof FIELDS)[number], string>>): string {
  return FIELDS.map((name) => fields[name]).join(":");
}

/** As the sender writes it: an absent field is empty, a number keeps its digits. */
function asField(value: JsonTree | undefined): string {
  if (value === undefined || value === null) return "";
  if (value instanceof JsonNumber) return value.raw;
  return typeof value === "boolean" ? String(value) : asText(value, "signed field");
}
