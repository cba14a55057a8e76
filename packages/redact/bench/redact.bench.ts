import slowRedact from "@pinojs/redact";
import { createRedactor } from "@symbiont/redact";
import type { Bench } from "../../../scripts/bench/bench.ts";

const call = {
  tool: "read_file",
  user: "alice",
  args: { path: "/srv/data/report.txt", password: "hunter2hunter2", limit: 20 },
  message: "tool call finished without problems",
  requestId: "0b9d2c44-6c1a-4c3e-9f43-0d3d6d2f1a11",
  attempt: 1,
  ok: true,
};
const schema = Object.freeze({
  type: "object",
  properties: Object.freeze({
    args: Object.freeze({
      type: "object",
      properties: Object.freeze({ password: Object.freeze({ type: "string", writeOnly: true }) }),
    }),
  }),
});

const redactor = createRedactor();
const bySchema = createRedactor({ builtInNames: false, scanStrings: false });

const paths = ["password", "token", "*.password", "*.token"];
const peer = slowRedact({ paths, serialize: JSON.stringify });
const peerCopy = slowRedact({ paths, serialize: false });

// Writing the copy costs both sides the same; the first two rows leave it out.
export const benches: readonly Bench[] = [
  {
    name: "redact by schema, 230 B",
    ours: () => bySchema.redact(call, schema),
    floor: () => JSON.stringify(call),
    floorName: "JSON.stringify",
    peer: () => peerCopy(call),
    peerName: "@pinojs/redact 0.4, two names at two levels, without writing",
    maxFloorRatio: 2,
    minPeerRatio: 2.5,
  },
  {
    name: "redact by schema, names and text, 230 B",
    ours: () => redactor.redact(call, schema),
    floor: () => JSON.stringify(call),
    floorName: "JSON.stringify",
    peer: () => peerCopy(call),
    peerName: "@pinojs/redact 0.4, two names at two levels, without writing",
    maxFloorRatio: 2,
  },
  {
    name: "redact by schema and stringify, 230 B",
    ours: () => JSON.stringify(bySchema.redact(call, schema)),
    floor: () => JSON.stringify(call),
    floorName: "JSON.stringify",
    peer: () => peer(call),
    peerName: "@pinojs/redact 0.4, two names at two levels",
    maxFloorRatio: 2,
    minPeerRatio: 2.5,
  },
  {
    name: "redact by schema, names and text, and stringify, 230 B",
    ours: () => JSON.stringify(redactor.redact(call, schema)),
    floor: () => JSON.stringify(call),
    floorName: "JSON.stringify",
    peer: () => peer(call),
    peerName: "@pinojs/redact 0.4, two names at two levels",
  },
];
