import { readFileSync } from "node:fs";
import type { WebhookErrorCode } from "@symbiont/webhook-verify";
import { type ContractVector, presetContract } from "@symbiont/webhook-verify/testing";
import { describe, expect, test } from "vitest";
import { loadPreset, optionsOf, presetNames, requestOf, type Vector } from "./vector-options.ts";

describe.each(presetNames)("%s", async (name) => {
  const file = new URL(`../src/presets/${name}/vectors.json`, import.meta.url);
  const { vectors } = JSON.parse(readFileSync(file, "utf8")) as { vectors: readonly Vector[] };
  const preset = await loadPreset(name);
  // A wrong option is the business of other tests: the contract is about deliveries.
  const usable = vectors.filter(({ expect }) => expect.code !== "config_error");
  for (const { title, run } of presetContract({ preset, name, vectors: usable.map(contractVector) }))
    test(title, run);
});

test("the contract fails a preset that takes everything", async () => {
  const preset = await loadPreset("github");
  const credulous = { ...preset, prepare: () => ({ check: () => ({ keyIndex: 0, identity: () => "" }) }) };
  const cases = presetContract({ preset: credulous, name: "github", vectors: [await githubVector()] });
  const broken = await Promise.allSettled(cases.map(({ run }) => run()));
  expect(broken.filter(({ status }) => status === "rejected").length).toBe(4);
  expect(() => presetContract({ preset, name: "github", vectors: [] })).toThrow(TypeError);
});

async function githubVector(): Promise<ContractVector<any>> {
  const file = new URL("../src/presets/github/vectors.json", import.meta.url);
  const { vectors } = JSON.parse(readFileSync(file, "utf8")) as { vectors: readonly [Vector] };
  return contractVector(vectors[0]);
}

function contractVector(vector: Vector): ContractVector<any> {
  const { ok, code, keyIndex } = vector.expect;
  return {
    title: vector.id,
    origin: vector.origin,
    request: requestOf(vector),
    nowMs: vector.now * 1000,
    options: optionsOf(vector),
    ...(ok ? {} : { code: `WEBHOOK_${(code ?? "").toUpperCase()}` as WebhookErrorCode }),
    ...(keyIndex === undefined ? {} : { keyIndex }),
  };
}
