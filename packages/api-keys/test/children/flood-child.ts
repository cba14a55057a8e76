// A process of its own under a flood of wrong tokens: how much its memory grew, and how long right ones took.
import { readFileSync, writeFileSync } from "node:fs";
import { ApiKeys, MemoryStore } from "@symbiont/api-keys";

const FLOOD = 200;

const memory = (name: "VmRSS" | "VmHWM"): number => {
  const kib = new RegExp(`${name}:\\s+(\\d+) kB`).exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  return Number(kib) * 1024;
};

async function flood(keys: ApiKeys): Promise<readonly string[]> {
  const attempts = Array.from({ length: FLOOD }, (_, index) =>
    keys.verify(`victim.wrong-${index}`).then(
      () => "ok",
      ({ code }: { code: string }) => code,
    ),
  );
  return Promise.all(attempts);
}

const keys = new ApiKeys({ store: new MemoryStore(), lastUsedMs: 0 });
const good = (await keys.create({ agents: ["a"] })).token.reveal();
await keys.importKey({ keyId: "victim", secret: "kJ8#mQ2$vX5!nR7.wZ4pL9", agents: ["a"] });
await keys.verify(good);

writeFileSync("/proc/self/clear_refs", "5"); // the peak is counted from here on
const before = memory("VmRSS");
const flooding = flood(keys);
const delaysMs: number[] = [];
const pause = (): Promise<"on"> => new Promise((resolve) => setTimeout(resolve, 1, "on"));
while ((await Promise.race([flooding, pause()])) === "on") {
  const start = performance.now();
  await keys.verify(good);
  delaysMs.push(performance.now() - start);
}
const codes = await flooding;
delaysMs.sort((a, b) => a - b);
process.send?.({
  grownBytes: memory("VmHWM") - before,
  computed: codes.filter((code) => code === "API_KEY_REFUSED").length,
  busy: codes.filter((code) => code === "API_KEY_BUSY").length,
  good: delaysMs.length,
  p99Ms: delaysMs[Math.floor(delaysMs.length * 0.99)],
});
process.disconnect?.();
