import { verifyWebhook, WebhookError } from "@symbiont/webhook-verify";
import { expect } from "vitest";
import type { ConformanceSuite, VectorFile } from "../../../scripts/conformance/suite.ts";
import { loadPreset, optionsOf, requestOf, type Vector } from "./vector-options.ts";

const files = [
  "asymmetric",
  "edge-cases",
  "jwt",
  "published-hmac-body",
  "published-hmac-timestamp",
  "published-in-body",
  "published-url-bound",
  "self-hmac-body",
  "self-hmac-timestamp",
  "self-url-bound",
  "standard-webhooks",
];

const run: VectorFile = (data, check) => {
  for (const vector of data.vectors as readonly Vector[]) check(vector.id, () => runVector(vector));
};

export const suite: ConformanceSuite = Object.fromEntries(
  files.map((file) => [`webhook-verify/${file}.json`, run]),
);

/** Runs one vector; a throw is a failure. */
export async function runVector(vector: Vector): Promise<void> {
  const preset = await loadPreset(vector.provider);
  let outcome: { keyIndex?: number; code?: string };
  try {
    const { keyIndex } = await verifyWebhook(preset, requestOf(vector), optionsOf(vector));
    outcome = { keyIndex };
  } catch (error) {
    outcome = { code: codeOf(error) };
  }
  const { ok, keyIndex, code } = vector.expect;
  if (!ok) expect(outcome).toEqual({ code });
  else expect(outcome).toEqual({ keyIndex: keyIndex ?? outcome.keyIndex ?? "a key" });
}

/** The vectors' spelling of a code; a wrong option is a `config_error`. */
function codeOf(error: unknown): string {
  if (WebhookError.is(error)) return error.code.slice("WEBHOOK_".length).toLowerCase();
  if (error instanceof TypeError || error instanceof RangeError) return "config_error";
  throw error;
}
