import type { JsonObject } from "@symbiont/kit";
import type { WebhookRequest } from "./webhook-request.ts";

/**
 * What a provider's scheme must fulfil to take part: one object in `presets/<name>/index.ts`, or in a package of
 * your own. The builders (`hmacPreset`, `tokenPreset`, `publicKeyPreset`, `standardWebhooksPreset`, `jwtPreset`)
 * make it from a description; write `prepare` by hand only for what no description says.
 */
export interface WebhookPreset<Options> {
  /** Lower-case letters, digits and dashes; equals the folder's name. Part of every replay key. */
  readonly name: string;
  /** Where the provider describes the scheme. */
  readonly documentation: string;
  /**
   * Whether a good signature vouches for every byte of the body. Wrongly `true` makes callers trust content that
   * anybody may have changed.
   */
  readonly bodyBound: boolean;
  /** A scheme that is weaker than HMAC-SHA-256; callers may refuse it by policy. */
  readonly legacy: boolean;
  /** The scheme was read in the provider's description only, never checked against a genuine delivery or SDK. */
  readonly unverified: boolean;
  /** Largest body, in bytes, unless the options say otherwise. */
  readonly maxBodyBytes: number;
  /** Set when the signature covers no body, so that only a replay store stops a second use. */
  readonly needsReplayStore?: boolean;
  /**
   * Checks the options and imports the keys, once.
   * @throws TypeError or RangeError naming the option. An empty secret must be refused here.
   */
  prepare(options: Options): PreparedPreset;
}

/** A preset with its keys. */
export interface PreparedPreset {
  /**
   * Gives the proof that the delivery is genuine, or throws (rejects with) a WebhookError. Must be free of side
   * effects, must compare secrets and digests in constant time, and must not put either into a message. An
   * exception of any other kind refuses the delivery too.
   */
  check(request: WebhookRequest, nowMs: number): WebhookProof | Promise<WebhookProof>;
  /** Makes what the provider would send. Only for schemes whose secret both sides hold. */
  readonly sign?: (draft: WebhookDraft, nowMs: number) => SignedWebhook | Promise<SignedWebhook>;
}

/**
 * What was proven. An absent member may also be written as `undefined`: proofs of one shape are quicker to make
 * and to read.
 */
export interface WebhookProof {
  /** Index of the key that matched, counted over `secrets` and then `publicKeys`. */
  readonly keyIndex: number;
  readonly keyId?: string | undefined;
  /** The sender's time, covered by the signature, in epoch milliseconds. */
  readonly timestampMs?: number | undefined;
  /** The delivery's id, covered by the signature. */
  readonly id?: string | undefined;
  /** What exactly was signed, for schemes that sign claims or single fields rather than the body. */
  readonly claims?: JsonObject | undefined;
  /** Set where the options decide whether the body is covered. Default the preset's. */
  readonly bodyBound?: boolean | undefined;
  /**
   * A text that equals that of another delivery exactly when both are the same one. It must come from what was
   * signed and not from the signature, of which one delivery may have several. Called only with a replay store.
   */
  readonly identity: () => string;
  /** How long the same delivery could pass again, in milliseconds. Absent: for ever. */
  readonly windowMs?: number | undefined;
}

/** What to sign. */
export interface WebhookDraft {
  readonly rawBody: Uint8Array;
  /** Needed by schemes that sign it. */
  readonly url?: string;
  /** Default `POST`. */
  readonly method?: string;
  /** The delivery's id, for schemes that sign one. */
  readonly id?: string;
  /** `content-type` of the body, for schemes that depend on it. */
  readonly contentType?: string;
}

/** A signed delivery, which is also a request that can be verified. */
export interface SignedWebhook extends WebhookRequest {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

const DEFAULT_MAX_BODY_BYTES = 1 << 20;

const NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** Fills in what most presets have in common. @throws TypeError on a name that is not one. */
export function describePreset(
  base: PresetDescription & { readonly bodyBound: boolean },
): Omit<WebhookPreset<never>, "prepare"> {
  if (!NAME.test(base.name)) throw new TypeError("name must be lower-case letters, digits and dashes");
  return {
    name: base.name,
    documentation: base.documentation,
    bodyBound: base.bodyBound,
    legacy: base.legacy ?? false,
    unverified: base.unverified ?? false,
    maxBodyBytes: base.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES,
  };
}

/** What every builder takes. */
export interface PresetDescription {
  readonly name: string;
  readonly documentation: string;
  /** Default `false`. */
  readonly legacy?: boolean;
  /** Default `false`. */
  readonly unverified?: boolean;
  /** Default 1 MiB. */
  readonly maxBodyBytes?: number;
}
