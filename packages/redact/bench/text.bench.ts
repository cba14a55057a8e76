import { lintSource } from "@secretlint/core";
import { creator } from "@secretlint/secretlint-rule-preset-recommend";
import { createRedactor } from "@symbiont/redact";
import type { Bench } from "../../../scripts/bench/bench.ts";

const line =
  '2026-11-20T10:11:12Z info worker=3 the quick brown fox {"tool":"search","count":17} jumps over https://example.com/a?b=c\n';
const clean = line.repeat(40).slice(0, 4_096);
const prose = "The agent read the file and wrote a summary of it, then asked for the next step. "
  .repeat(60)
  .slice(0, 4_096);
const dirty = `${clean.slice(0, 2_000)} sk-ant-api03-AbCdEfGhIjKlMnOpQrStUvWxYz0123456789 ${clean.slice(2_056)}`;

const redactor = createRedactor();
const literal = /sk-ant-[\w-]{20,}/g;

// The peer's profiler keeps every mark and searches through them all: without marks the peer is measured at its best.
Object.defineProperty(performance, "mark", { value: () => undefined });
const config = { rules: [{ id: "@secretlint/secretlint-rule-preset-recommend", rule: creator }] };
const secretlint = (text: string) => () =>
  lintSource({
    source: { filePath: "/a.txt", content: text, contentType: "text" },
    options: { config, noPhysicFilePath: true },
  });
const peer = { peerName: "secretlint 12 with its recommended rules" };

export const benches: readonly Bench[] = [
  {
    name: "secret scan, 4 KiB of log",
    ours: () => redactor.redactText(clean),
    floor: () => clean.replace(literal, ""),
    floorName: "one RegExp for one prefix",
    peer: secretlint(clean),
    ...peer,
  },
  {
    name: "secret scan, 4 KiB of prose",
    ours: () => redactor.redactText(prose),
    floor: () => prose.replace(literal, ""),
    floorName: "one RegExp for one prefix",
    peer: secretlint(prose),
    ...peer,
  },
  {
    name: "secret scan, 4 KiB of log with one token",
    ours: () => redactor.redactText(dirty),
    floor: () => dirty.replace(literal, ""),
    floorName: "one RegExp for one prefix",
    peer: secretlint(dirty),
    ...peer,
  },
];
