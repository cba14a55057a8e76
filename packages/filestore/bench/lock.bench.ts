import { mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { acquireLock } from "@symbiont/filestore";
import lockfile from "proper-lockfile";
import type { Bench } from "../../../scripts/bench/bench.ts";
import { benchDirectory } from "./directory.ts";

const directory = benchDirectory();
const [ours, peer] = [join(directory, "ours"), join(directory, "peer")];
writeFileSync(peer, "");

export const benches: readonly Bench[] = [
  {
    name: "lock and release, nobody waits",
    ours: async () => (await acquireLock(ours)).release(),
    floor: () => {
      mkdirSync(join(directory, "floor"));
      rmdirSync(join(directory, "floor"));
    },
    floorName: "mkdirSync + rmdirSync, nothing else",
    peer: async () => (await lockfile.lock(peer))(),
    peerName: "proper-lockfile 4.1.2",
    minPeerRatio: 1,
  },
];
