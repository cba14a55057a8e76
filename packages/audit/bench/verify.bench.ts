import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Journal, verifyJournal } from "@symbiont/audit";
import { generateKeyPair, sha256Hex } from "@symbiont/keys";
import type { Bench } from "../../../scripts/bench/bench.ts";
import { toolCallRecord as record } from "./tool-call-record.ts";

const RECORDS = 20_000;
/** So many that starting the threads does not count. */
const MANY_RECORDS = 600_000;
const WORKERS = 4;

const line = JSON.stringify({ v: 1, seq: 1, prev: "0".repeat(64), ts: new Date().toISOString(), ...record });

export async function benches(): Promise<readonly Bench[]> {
  const folder = mkdtempSync(join(tmpdir(), "audit-verify-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const { privateKey: key } = generateKeyPair("Ed25519");
  const write = async (directory: string, records: number, maxSegmentBytes: number): Promise<string[]> => {
    const anchor = (): void => undefined;
    const journal = await Journal.open(directory, {
      origin: "example.org/bench",
      key,
      anchor,
      maxSegmentBytes,
    });
    for (let count = 0; count < records; count += 2_000)
      await Promise.all(Array.from({ length: 2_000 }, async () => journal.append(record)));
    await journal.close();
    return [journal.verifierKey];
  };
  const one = join(folder, "one");
  const many = join(folder, "many");
  const trusted = await write(one, RECORDS, 64 << 20);
  await write(many, MANY_RECORDS, 4 << 20);
  return [
    {
      name: `verify ${RECORDS} records (per journal)`,
      ours: async () => verifyJournal(one, { trusted }),
      floor: () => {
        for (let count = 0; count < RECORDS; count += 1) sha256Hex(JSON.stringify(JSON.parse(line)));
      },
      floorName: "parse, write and hash each line in memory",
      maxFloorRatio: 1,
      maxMicroseconds: RECORDS * 10,
    },
    {
      name: `verify ${MANY_RECORDS} records with ${WORKERS} threads`,
      ours: async () => verifyJournal(many, { trusted, workers: WORKERS }),
      floor: async () => verifyJournal(many, { trusted }),
      floorName: "the same in one thread",
      maxFloorRatio: 0.4,
    },
  ];
}
