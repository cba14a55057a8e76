import { randomBytes } from "node:crypto";
import { closeSync, fsync, openSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { replaceFile } from "@symbiont/filestore";
import writeFileAtomic from "write-file-atomic";
import type { Bench } from "../../../scripts/bench/bench.ts";
import { benchDirectory } from "./directory.ts";

const directory = benchDirectory();
const content = new Uint8Array(randomBytes(4096));
const sync = promisify(fsync);

async function bareReplace(path: string): Promise<void> {
  const temporary = `${path}.tmp`;
  const file = openSync(temporary, "wx", 0o600);
  writeSync(file, content, 0, content.length, 0);
  await sync(file);
  closeSync(file);
  renameSync(temporary, path);
  const parent = openSync(directory, "r");
  await sync(parent);
  closeSync(parent);
}

export const benches: readonly Bench[] = [
  {
    name: "atomic durable replace, 4 KiB",
    ours: () => replaceFile(join(directory, "ours"), content),
    floor: () => bareReplace(join(directory, "floor")),
    floorName: "open, write, fsync, rename, fsync of the directory; written inline",
    peer: () => writeFileAtomic(join(directory, "peer"), Buffer.from(content), { mode: 0o600 }),
    peerName: "write-file-atomic 7.0.1 (does not sync the directory)",
    maxFloorRatio: 1.2,
  },
];
