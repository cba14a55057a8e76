import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { createWebhookVerifier, signWebhook, verifyWebhook, WebhookError } from "@symbiont/webhook-verify";
import { github } from "@symbiont/webhook-verify/presets/github";
import { standardWebhooks } from "@symbiont/webhook-verify/presets/standard-webhooks";
import { stripe } from "@symbiont/webhook-verify/presets/stripe";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadPreset, optionsOf, presetNames, type Vector } from "./vector-options.ts";

const now = (): number => 1_700_000_000_000;
const bytes = fc.uint8Array({ maxLength: 300 });
const text = fc
  .string({ minLength: 1, maxLength: 40 })
  .filter((value) => /^[\x21-\x7e]+$/.test(value) && !value.includes("://"));

describe("any delivery", () => {
  test("that was signed is verified, and with any change refused", async () => {
    await fc.assert(
      fc.asyncProperty(text, bytes, bytes, async (secret, rawBody, other) => {
        const options = { secrets: [secret], now };
        for (const preset of [github, stripe]) {
          const signed = await signWebhook(preset, { rawBody }, options);
          await verifyWebhook(preset, signed, options);
          fc.pre(Buffer.compare(rawBody, other) !== 0);
          await expect(verifyWebhook(preset, { ...signed, rawBody: other }, options)).rejects.toMatchObject({
            code: "WEBHOOK_SIGNATURE_MISMATCH",
          });
        }
      }),
    );
  });

  test("that is garbage gives a refusal of a known kind for every preset", async () => {
    const verifiers = await Promise.all(
      presetNames.map(async (name) => {
        const file = new URL(`../src/presets/${name}/vectors.json`, import.meta.url);
        const { vectors } = JSON.parse(readFileSync(file, "utf8")) as { vectors: readonly [Vector] };
        const names = vectors[0].request.headers.map(([header]) => header);
        return {
          names,
          verifier: createWebhookVerifier(await loadPreset(name), { ...optionsOf(vectors[0]), now }),
        };
      }),
    );
    const values = fc.array(
      fc.oneof(
        fc.string({ unit: "binary", maxLength: 60 }),
        fc.constantFrom("t=1700000000,v1=", "sha256=", "v1,", "1700000000", "Bearer a.b.c"),
      ),
      { minLength: 5, maxLength: 5 },
    );
    await fc.assert(
      fc.asyncProperty(
        values,
        fc.oneof(
          bytes,
          fc.json().map((json) => new TextEncoder().encode(json)),
        ),
        async (values, rawBody) => {
          for (const { names, verifier } of verifiers) {
            const headers = names.map((name, index) => [name, values[index % 5] as string] as const);
            const error = await verifier
              .verify({ headers, rawBody, url: "https://example.com/" })
              .catch((error: unknown) => error);
            expect(
              WebhookError.is(error) && error.code !== "WEBHOOK_CHECK_FAILED",
              `${verifier.preset}: ${String(error)}`,
            ).toBe(true);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

/** Everything a log could show of a value. */
function shown(value: unknown): string {
  const parts = [
    inspect(value, { depth: 20, showHidden: true, getters: true }),
    String(value),
    JSON.stringify(value),
  ];
  if (value instanceof Error) parts.push(value.stack ?? "", inspect(value.cause));
  return parts.join("\n");
}

describe("markers stay in", () => {
  const marker = "MARKERmarkerMARKER1234567890abcd";
  const encoded = Buffer.from(marker).toString("base64");
  const hidden = [marker, encoded.slice(0, 20), Buffer.from(marker).toString("hex").slice(0, 30)];

  function expectHidden(value: unknown, more: readonly string[] = []): void {
    const seen = shown(value);
    for (const secret of [...hidden, ...more]) expect(seen.includes(secret), seen).toBe(false);
  }

  test("the search finds what it looks for", () => {
    expect(() => expectHidden(new Error(`bad ${marker}`))).toThrow();
  });

  test("no error shows secret, body, signature or the right digest", async () => {
    for (const name of presetNames) {
      const preset = await loadPreset(name);
      const file = new URL(`../src/presets/${name}/vectors.json`, import.meta.url);
      const { vectors } = JSON.parse(readFileSync(file, "utf8")) as { vectors: readonly [Vector] };
      const base = optionsOf(vectors[0]);
      const options = {
        ...base,
        ...("secrets" in base ? { secrets: [new TextEncoder().encode(`${marker}-secret`)] } : {}),
      };
      const bodies = [
        marker,
        `{"${marker}":1,"${marker}":2}`,
        `{"token":"${marker}x","signature":{"token":"${marker}"}}`,
        `["${marker}`,
      ];
      for (const body of bodies)
        for (const value of [
          marker,
          `sha256=${marker}`,
          `t=${marker},v1=${marker}`,
          `Bearer ${marker}.${encoded}.${marker}`,
          `v1,${marker}`,
          marker.repeat(500),
        ]) {
          const headers = vectors[0].request.headers.map(([header]) => [header, value] as const);
          const rawBody = new TextEncoder().encode(body);
          const request = { headers, rawBody, url: `https://example.com/?${marker}` };
          const error = await verifyWebhook(preset, request, { ...options, now }).catch(
            (error: unknown) => error,
          );
          expect(error).toBeInstanceOf(Error);
          expectHidden(error);
        }
    }
  });

  test("a mismatch does not show the digest that would have been right", async () => {
    const options = { secrets: [marker], now };
    const signed = await signWebhook(stripe, { rawBody: new Uint8Array(3) }, options);
    const right = (signed.headers["stripe-signature"] as string).slice(-64);
    const headers = { "stripe-signature": `t=1700000000,v1=${"0".repeat(64)}` };
    const error = await verifyWebhook(stripe, { headers, rawBody: new Uint8Array(3) }, options).catch(
      (error: unknown) => error,
    );
    expectHidden(error, [right, "0".repeat(64)]);
  });

  test("wrong options do not show the secret", () => {
    for (const secret of [`${marker}\n`, `\0${marker}`, `vault://${marker}`])
      for (const preset of [github, stripe, standardWebhooks] as const)
        try {
          createWebhookVerifier(preset, { secrets: [secret] });
          throw new Error("was accepted");
        } catch (error) {
          expectHidden(error);
        }
    const verifier = createWebhookVerifier(github, { secrets: [marker] });
    expectHidden(verifier);
  });
});
