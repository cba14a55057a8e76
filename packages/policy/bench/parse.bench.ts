import { parsePolicies } from "@symbiont/policy";
import type { Bench } from "../../../scripts/bench/bench.ts";

const rule =
  'allow: read(file) if file.owner == "worker" && file.size <= 100_000 || context.role in ["admin", "root"]\n';
const textOf = (bytes: number) => `policy p {\n${rule.repeat(Math.ceil(bytes / rule.length))}}`;

export const benches: readonly Bench[] = [1, 64].map((kilobytes) => {
  const source = textOf(kilobytes * 1024);
  return {
    name: `parse policies, ${kilobytes} KiB`,
    ours: () => parsePolicies(source),
    floor: () => source.split(/([A-Za-z_]\w*|"[^"]*"|\d[\d_]*|[=<>!&|]+|\S)/),
    floorName: "cutting the text into tokens with one regular expression",
  };
});
