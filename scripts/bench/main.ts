// pnpm bench [package …]: ours / floor / peer, interleaved in one process. Ratios count; microseconds do not.
import { existsSync, readdirSync } from "node:fs";
import { cpus } from "node:os";
import type { Bench } from "./bench.ts";

const WINDOWS = 11;
const WINDOW_MS = 25;
/** A hot path is hot: by then the compiler has optimized it. */
const WARM_UP_MS = 500;

const root = new URL("../../", import.meta.url);
const wanted = process.argv.slice(2).filter((argument) => argument !== "--");
const packages = readdirSync(new URL("packages/", root)).filter(
  (name) =>
    (wanted.length === 0 || wanted.includes(name)) && existsSync(new URL(`packages/${name}/bench/`, root)),
);

console.log(
  `Node ${process.version}, ${cpus()[0]?.model ?? "unknown processor"}; median of ${WINDOWS} windows, microseconds per call`,
);
console.log(row("benchmark", "ours", "floor", "peer", "ours/floor", "peer/ours", "goal"));
for (const name of packages) {
  for (const file of readdirSync(new URL(`packages/${name}/bench/`, root)).sort()) {
    if (!file.endsWith(".bench.ts")) continue;
    const url = new URL(`packages/${name}/bench/${file}`, root).href;
    const { benches } = (await import(url)) as {
      benches: readonly Bench[] | (() => Promise<readonly Bench[]>);
    };
    for (const bench of typeof benches === "function" ? await benches() : benches) await measure(name, bench);
  }
}

// Connections and servers that a bench opened must not keep the program waiting.
process.exit();

async function measure(packageName: string, bench: Bench): Promise<void> {
  const cases = [bench.ours, bench.floor, ...(bench.peer === undefined ? [] : [bench.peer])];
  const rounds: number[] = [];
  for (const run of cases) rounds.push(await calibrate(run, bench.prepare));
  const samples: number[][] = cases.map(() => []);
  for (let window = 0; window < WINDOWS; window += 1) {
    for (let turn = 0; turn < cases.length; turn += 1) {
      const index = (turn + window) % cases.length;
      samples[index]?.push(await time(cases[index] as () => unknown, rounds[index] as number, bench.prepare));
    }
  }
  const [ours, floor, peer] = samples.map(median) as [number, number, number | undefined];
  const toFloor = ours / floor;
  const toPeer = peer === undefined ? undefined : peer / ours;
  console.log(
    row(
      `${packageName}: ${bench.name}`,
      ours.toFixed(2),
      floor.toFixed(2),
      peer?.toFixed(2) ?? "-",
      toFloor.toFixed(2),
      toPeer?.toFixed(2) ?? "-",
      goal(bench, { ours, toFloor, toPeer }),
    ),
  );
  console.log(
    `    floor: ${bench.floorName}${bench.peerName === undefined ? "" : `; peer: ${bench.peerName}`}`,
  );
}

function goal(
  bench: Bench,
  { ours, toFloor, toPeer }: { ours: number; toFloor: number; toPeer: number | undefined },
): string {
  const parts: string[] = [];
  if (bench.maxMicroseconds !== undefined)
    parts.push(`<= ${bench.maxMicroseconds} us ${ours <= bench.maxMicroseconds ? "met" : "MISSED"}`);
  if (bench.maxFloorRatio !== undefined)
    parts.push(`floor <= ${bench.maxFloorRatio} ${toFloor <= bench.maxFloorRatio ? "met" : "MISSED"}`);
  if (bench.minPeerRatio !== undefined && toPeer !== undefined)
    parts.push(`peer >= ${bench.minPeerRatio} ${toPeer >= bench.minPeerRatio ? "met" : "MISSED"}`);
  return parts.join(", ");
}

/** Warms the code up and finds how many calls fill a window. */
async function calibrate(run: () => unknown, prepare?: Bench["prepare"]): Promise<number> {
  let rounds = 1;
  for (let spentMs = 0; ; ) {
    const perCall = await time(run, rounds, prepare);
    const tookMs = (perCall * rounds) / 1000;
    spentMs += tookMs;
    if (spentMs >= WARM_UP_MS) return Math.max(1, Math.round((WINDOW_MS * 1000) / perCall));
    if (tookMs < WINDOW_MS) rounds *= 2;
  }
}

/** Microseconds per call. */
async function time(run: () => unknown, rounds: number, prepare?: Bench["prepare"]): Promise<number> {
  if (prepare !== undefined) return timeEach(run, rounds, prepare);
  const start = process.hrtime.bigint();
  for (let round = 0; round < rounds; round += 1) {
    const result = run();
    if (result instanceof Promise) await result;
  }
  return Number(process.hrtime.bigint() - start) / 1000 / rounds;
}

/** The same for calls that something must come before. */
async function timeEach(
  run: () => unknown,
  rounds: number,
  prepare: NonNullable<Bench["prepare"]>,
): Promise<number> {
  let spent = 0n;
  for (let round = 0; round < rounds; round += 1) {
    await prepare();
    const start = process.hrtime.bigint();
    await run();
    spent += process.hrtime.bigint() - start;
  }
  return Number(spent) / 1000 / rounds;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function row(...cells: readonly string[]): string {
  const widths = [52, 12, 12, 12, 12, 12, 0];
  return cells
    .map((cell, index) => (index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0)))
    .join(" ");
}
