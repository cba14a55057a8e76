import { randomBytes } from "node:crypto";
import { fdatasync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { AppendFile } from "@symbiont/filestore";
import type { Bench } from "../../../scripts/bench/bench.ts";
import { benchDirectory } from "./directory.ts";

const LINE = new TextEncoder().encode(`${randomBytes(128).toString("hex").slice(0, 255)}\n`);
const sync = promisify(fdatasync);

/** The bare calls, on a file of their own. */
function bareFile(path: string): { descriptor: number; write: () => void } {
  const descriptor = openSync(path, "wx", 0o600);
  let offset = 0;
  return {
    descriptor,
    write: () => {
      offset += writeSync(descriptor, LINE, 0, LINE.length, offset);
    },
  };
}

export async function benches(): Promise<readonly Bench[]> {
  const directory = benchDirectory();
  const create = (name: string): Promise<AppendFile> => AppendFile.create(join(directory, name));
  const bare = (name: string): ReturnType<typeof bareFile> => bareFile(join(directory, name));
  const [plain, pooled, blocking] = [await create("plain"), await create("pooled"), await create("blocking")];
  const [barePlain, barePooled, bareBlocking] = [bare("bare-1"), bare("bare-2"), bare("bare-3")];
  return [
    {
      name: "append, 256 B, not durable",
      ours: () => plain.append([LINE]),
      floor: () => barePlain.write(),
      floorName: "writeSync",
    },
    {
      name: "append + sync, 256 B",
      ours: () => {
        pooled.append([LINE]);
        return pooled.sync();
      },
      floor: () => {
        barePooled.write();
        return sync(barePooled.descriptor);
      },
      floorName: "writeSync + fdatasync on the thread pool",
      maxFloorRatio: 1.2,
    },
    {
      name: "append + syncNow, 256 B",
      ours: () => {
        blocking.append([LINE]);
        blocking.syncNow();
      },
      floor: () => {
        bareBlocking.write();
        fdatasyncSync(bareBlocking.descriptor);
      },
      floorName: "writeSync + fdatasyncSync",
      maxFloorRatio: 1.2,
    },
  ];
}
