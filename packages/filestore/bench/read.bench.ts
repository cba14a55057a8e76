import { randomBytes } from "node:crypto";
import { closeSync, fstatSync, openSync, read, statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { fileGeneration, readPrivateFile, replaceFile, sameGeneration } from "@symbiont/filestore";
import type { Bench } from "../../../scripts/bench/bench.ts";
import { benchDirectory } from "./directory.ts";

const readBytes = promisify(read);

async function bareRead(path: string): Promise<Uint8Array> {
  const descriptor = openSync(path, "r");
  const bytes = new Uint8Array(fstatSync(descriptor).size);
  await readBytes(descriptor, bytes, 0, bytes.length, 0);
  closeSync(descriptor);
  return bytes;
}

export async function benches(): Promise<readonly Bench[]> {
  const path = join(benchDirectory(), "file");
  const cached = await replaceFile(path, new Uint8Array(randomBytes(4096)));
  return [
    {
      name: "generation check",
      ours: () => sameGeneration(fileGeneration(path), cached),
      floor: () => statSync(path, { bigint: true }),
      floorName: "statSync with bigint",
      maxFloorRatio: 1.3,
    },
    {
      name: "private read, 4 KiB",
      ours: () => readPrivateFile(path, { maxBytes: 65_536 }),
      floor: () => bareRead(path),
      floorName: "openSync, fstatSync, read, closeSync; nothing checked",
    },
  ];
}
