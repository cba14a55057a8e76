import type { SecretOptions } from "../../hmac-preset.ts";
import { readForm } from "../../internal/form-body.ts";
import { optionalHeader } from "../../internal/headers.ts";
import { asText, readJsonObject } from "../../internal/json-body.ts";
import type { WebhookPreset } from "../../preset.ts";
import { tokenPreset } from "../../token-preset.ts";
import { WebhookError } from "../../webhook-error.ts";
import type { WebhookRequest } from "../../webhook-request.ts";

const JSON_TYPE = /^application\/json\s*(?:;|$)/i;

/**
 * Mattermost outgoing webhooks and slash commands: a shared token in the body, which may be JSON or a form.
 *
 * Differs from Symbiont: forms, the default for slash commands, are read too, and there is no way to leave the
 * token unchecked.
 */
export const mattermost: WebhookPreset<SecretOptions> = tokenPreset({
  name: "mattermost",
  documentation: "https://developers.mattermost.com/integrate/webhooks/outgoing/",
  unverified: true,
  read: (request) => (isJson(request) ? readMember(request.rawBody) : readParameter(request.rawBody)),
  write: (draft, token) => {
    const text = new TextDecoder().decode(draft.rawBody);
    const isJsonDraft = JSON_TYPE.test(draft.contentType ?? "application/json");
    const rawBody = new TextEncoder().encode(
      isJsonDraft ? withMember(text, token) : withParameter(text, token),
    );
    return { ...draft, rawBody, headers: { "content-type": draft.contentType ?? "application/json" } };
  },
});

function isJson({ headers }: WebhookRequest): boolean {
  return JSON_TYPE.test(optionalHeader(headers, "content-type") ?? "");
}

function readMember(body: Uint8Array): string {
  return asText(readJsonObject(body)["token"], "member token");
}

function readParameter(body: Uint8Array): string {
  const tokens = readForm(body).filter(([name]) => name === "token");
  if (tokens.length !== 1)
    throw new WebhookError("WEBHOOK_MALFORMED_BODY", "form does not hold the parameter token once");
  return tokens[0]?.[1] as string;
}

function withMember(text: string, token: string): string {
  return JSON.stringify({ ...(JSON.parse(text) as object), token });
}

function withParameter(text: string, token: string): string {
  const parameters = new URLSearchParams(text);
  parameters.set("token", token);
  return parameters.toString();
}
