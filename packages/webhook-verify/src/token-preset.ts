import { hmacSha256 } from "@symbiont/keys";
import { constantTimeEqual, encodeUtf8 } from "@symbiont/kit";
import type { SecretOptions } from "./hmac-preset.ts";
import { requiredHeader } from "./internal/headers.ts";
import { contentDigest } from "./internal/mac.ts";
import {
  describePreset,
  type PresetDescription,
  type SignedWebhook,
  type WebhookDraft,
  type WebhookPreset,
} from "./preset.ts";
import { readSecrets } from "./secret.ts";
import { WebhookError } from "./webhook-error.ts";
import type { WebhookRequest } from "./webhook-request.ts";

/** Describes a scheme in which the sender shows the secret itself. */
export interface TokenScheme extends PresetDescription {
  /** Header, in lower case, that holds the token; or a way to read and write it elsewhere. */
  readonly header?: string;
  readonly read?: (request: WebhookRequest) => string;
  readonly write?: (draft: WebhookDraft, token: string) => SignedWebhook;
}

/**
 * Makes a preset for a shared token. It tells who sent the delivery to whoever sees no other delivery; it vouches
 * for nothing in the body.
 */
export function tokenPreset(scheme: TokenScheme): WebhookPreset<SecretOptions> {
  const { header } = scheme;
  const read = scheme.read ?? ((request) => requiredHeader(request.headers, header as string));
  const write = scheme.write ?? ((draft, token) => ({ ...draft, headers: { [header as string]: token } }));
  if ((header === undefined) === (scheme.read === undefined))
    throw new TypeError("scheme must have either header or read");
  return {
    ...describePreset({ ...scheme, bodyBound: false }),
    prepare: ({ secrets }) => {
      const keys = readSecrets(secrets, "utf8");
      const tags = keys.map(({ bytes }) => blind(bytes));
      return {
        check: (request, nowMs) => {
          const tag = blind(encodeUtf8WellFormed(read(request)));
          let keyIndex = -1;
          keys.forEach(({ notAfterMs }, index) => {
            const isEqual = constantTimeEqual(tags[index] as Uint8Array, tag);
            if (isEqual && keyIndex < 0 && notAfterMs >= nowMs) keyIndex = index;
          });
          if (keyIndex < 0)
            throw new WebhookError("WEBHOOK_SIGNATURE_MISMATCH", "token fits none of the secrets");
          const identity = (): string => contentDigest({ before: "", body: request.rawBody, after: "" });
          return { keyIndex, keyId: keys[keyIndex]?.id, identity };
        },
        sign: (draft) => write(draft, new TextDecoder().decode(keys[0]?.bytes)),
      };
    },
  };
}

let blindingKey: Uint8Array | undefined;

/** Tokens differ in length, and a comparison tells lengths: compare their tags under a key nobody knows. */
function blind(bytes: Uint8Array): Uint8Array {
  blindingKey ??= crypto.getRandomValues(new Uint8Array(32));
  return hmacSha256(blindingKey, bytes);
}

function encodeUtf8WellFormed(text: string): Uint8Array {
  try {
    return encodeUtf8(text);
  } catch {
    throw new WebhookError("WEBHOOK_BAD_ENCODING", "token is not well-formed text");
  }
}
