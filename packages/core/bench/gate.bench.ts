import { Gate } from "@symbiont/core";
import type { Bench } from "../../../scripts/bench/bench.ts";
import { call, MemorySink, openPorts } from "../test/fake-ports.ts";

const sink = { append: async () => ({ sequence: 0 }) };
const gate = new Gate({ ...openPorts(new MemorySink()), audit: sink });
const tool = ({ path }: { path?: unknown }): unknown => path;

export const benches: readonly Bench[] = [
  {
    name: "one allowed call, ports that do nothing",
    ours: async () => gate.run(call, ({ arguments: given }) => tool(given)),
    floor: async () => tool(JSON.parse(call.arguments) as { path?: unknown }),
    floorName: "parse and run, no gate; goal is 100 µs absolute for ours",
  },
];
