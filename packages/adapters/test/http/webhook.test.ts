import { gzipSync } from "node:zlib";
import { AdapterError } from "@symbiont/adapters/fetch";
import { createWebhookVerifier, signWebhook } from "@symbiont/webhook-verify";
import { github } from "@symbiont/webhook-verify/presets/github";
import { afterEach, describe, expect, test } from "vitest";
import type { Running } from "./servers.ts";
import { post, webhookServers } from "./webhook-servers.ts";

// Not what JSON.stringify would write: a body that was parsed and written again no longer verifies.
const BODY = '{ "amount": 1.0,\n "name": "caf\\u00e9" }';
const secrets = ["It's a Secret to Everybody"];
const verifier = createWebhookVerifier(github, { secrets });

async function headersFor(body: string): Promise<Record<string, string>> {
  const signed = await signWebhook(github, { rawBody: new TextEncoder().encode(body) }, { secrets });
  return {
    "content-type": "application/json",
    ...signed.headers,
  };
}

let running: Running | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});

describe.each(Object.entries(webhookServers))("%s", (_, start) => {
  test("hands a genuine delivery to the handler, from its raw bytes", async () => {
    running = await start({ verifier, errors: [] });
    expect(await post(running, await headersFor(BODY), BODY)).toEqual({
      status: 200,
      body: 'github {"amount":1,"name":"café"}',
    });
    const asText = { ...(await headersFor(BODY)), "content-type": "text/plain; charset=utf-8" };
    expect((await post(running, asText, BODY)).status).toBe(200);
  });

  test("refuses a changed body, a missing signature and another secret alike", async () => {
    running = await start({ verifier, errors: [] });
    const headers = await headersFor(BODY);
    const answers = [
      await post(running, headers, BODY.replace("1.0", "9.0")),
      await post(running, { "content-type": "application/json" }, BODY),
      await post(running, { ...headers, "x-hub-signature-256": `sha256=${"0".repeat(64)}` }, BODY),
    ];
    for (const { status, body } of answers) {
      expect(status).toBe(401);
      expect(JSON.parse(body)).toMatchObject({ title: "the delivery was not accepted" });
    }
  });

  test("refuses a body that is too large", async () => {
    running = await start({ verifier, errors: [] });
    const body = `"${"x".repeat(20_000)}"`;
    expect((await post(running, await headersFor(body), body)).status).toBe(413);
  });

  test("refuses a compressed body, signed or not", async () => {
    running = await start({ verifier, errors: [] });
    const headers = { ...(await headersFor(BODY)), "content-encoding": "gzip" };
    expect((await post(running, headers, gzipSync(BODY))).status).toBe(415);
  });

  test("says so when a parser has eaten the raw bytes, and never calls the handler", async () => {
    const errors: unknown[] = [];
    running = await start({ verifier, errors, parsedBefore: true });
    const { status, body } = await post(running, await headersFor(BODY), BODY);
    expect(status).toBe(500);
    expect(body).not.toContain("github");
    expect(errors.map((error) => AdapterError.is(error) && error.code)).toEqual(["ADAPTER_BODY_CONSUMED"]);
  });
});
