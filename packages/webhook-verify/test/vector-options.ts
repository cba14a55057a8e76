import { readdirSync } from "node:fs";
import { decodeBase64, encodeUtf8 } from "@symbiont/kit";
import {
  MemoryReplayStore,
  type VerifierOptions,
  type WebhookPreset,
  type WebhookRequest,
} from "@symbiont/webhook-verify";

/** One delivery with the outcome that a verifier must give. */
export interface Vector {
  readonly id: string;
  readonly provider: string;
  readonly source: "published" | "self";
  readonly origin: string;
  readonly config: any;
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly headers: readonly (readonly [string, string])[];
    readonly body: { readonly encoding: "utf8" | "base64"; readonly value: string };
  };
  /** Epoch seconds. */
  readonly now: number;
  readonly expect: { readonly ok: boolean; readonly keyIndex?: number; readonly code?: string };
}

/** Names of the presets: the folders. */
export const presetNames: readonly string[] = readdirSync(new URL("../src/presets/", import.meta.url)).sort();

/** Loads a preset through the package's exports, as a user does. */
export async function loadPreset(name: string): Promise<WebhookPreset<any>> {
  const exported = Object.values((await import(`@symbiont/webhook-verify/presets/${name}`)) as object);
  const presets = exported.filter(
    (value) => typeof value === "object" && value !== null && "prepare" in value,
  );
  if (presets.length !== 1) throw new Error(`${name} must export one preset`);
  return presets[0] as WebhookPreset<any>;
}

/** The delivery of a vector. */
export function requestOf({ request }: Vector): WebhookRequest {
  const { method, url, headers, body } = request;
  return {
    method,
    url,
    headers,
    rawBody: body.encoding === "utf8" ? encodeUtf8(body.value) : decodeBase64(body.value),
  };
}

/** Turns a vector's neutral configuration into the preset's options. */
export function optionsOf({ provider, config, now }: Vector): VerifierOptions & Record<string, unknown> {
  const { secrets, publicKeys, toleranceSeconds } = config;
  const certificates = Object.fromEntries(
    (publicKeys ?? [])
      .filter((key: { for?: string }) => key.for !== undefined)
      .map((key: { for: string; value: string }) => [key.for, key.value]),
  );
  return {
    now: () => now * 1000,
    replay: new MemoryReplayStore({ now: () => now * 1000 }),
    ...(secrets === undefined || secrets.length === 0 ? {} : { secrets: secrets.map(secretOf) }),
    ...(publicKeys === undefined
      ? {}
      : { publicKeys: publicKeys.map((entry: any) => entry.value), certificates }),
    ...(toleranceSeconds === undefined ? {} : { toleranceMs: toleranceSeconds * 1000 }),
    ...(provider === "aws-sns" ? { topicArns: config.topicArns ?? false } : {}),
    ...(config.webhookId === undefined ? {} : { webhookId: config.webhookId }),
    ...jwtOptions(config),
  };
}

/** Bytes where the vector's text is the key itself; otherwise text that the preset has to decode. */
function secretOf({ encoding, value }: { encoding: string; value: string }): string | Uint8Array {
  return encoding === "utf8" ? encodeUtf8(value) : value;
}

function jwtOptions(config: any): Record<string, unknown> {
  if (config.keys === undefined) return {};
  const { clockToleranceSeconds, maxTokenAgeSeconds, header, scheme, requiredClaims, ...rest } = config;
  return {
    ...rest,
    ...(requiredClaims === undefined ? {} : { requiredClaims, email: requiredClaims.email }),
    ...(header === undefined ? {} : { header: header.toLowerCase() }),
    ...(scheme === undefined ? {} : { authScheme: scheme }),
    ...(clockToleranceSeconds === undefined ? {} : { clockToleranceMs: clockToleranceSeconds * 1000 }),
    ...(maxTokenAgeSeconds === undefined ? {} : { maxTokenAgeMs: maxTokenAgeSeconds * 1000 }),
    appId: config.audience,
  };
}
