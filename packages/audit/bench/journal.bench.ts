import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AuditLog, Journal } from "@symbiont/audit";
import { generateKeyPair, sha256Hex } from "@symbiont/keys";
import { BareGroupCommit } from "../../../scripts/bench/bare-group-commit.ts";
import type { Bench } from "../../../scripts/bench/bench.ts";
import { toolCallRecord as record } from "./tool-call-record.ts";

const PRODUCERS = 64;
const PERMISSIVE = 200;

const line = `${JSON.stringify({ v: 1, seq: 1, prev: "0".repeat(64), ts: new Date().toISOString(), ...record })}\n`;

export async function benches(): Promise<readonly Bench[]> {
  const folder = mkdtempSync(join(tmpdir(), "audit-bench-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const { privateKey: key } = generateKeyPair("Ed25519");
  const journal = await Journal.open(join(folder, "journal"), {
    origin: "example.org/bench",
    key,
    anchor: () => undefined,
  });
  const bare = new BareGroupCommit(join(folder, "bare"));
  const permissive = await AuditLog.open(join(folder, "permissive"), {
    origin: "example.org/bench",
    key,
    anchor: () => undefined,
    failureMode: "permissive",
  });
  const chained = new BareGroupCommit(join(folder, "chained"));
  let head = "";
  const chain = (): string => {
    const text = JSON.stringify({ ...record, prev: head });
    head = sha256Hex(text);
    return `${text}\n`;
  };
  const producers = Array.from({ length: PRODUCERS });
  return [
    {
      name: `strict append, ${PRODUCERS} producers (per round)`,
      ours: async () => Promise.all(producers.map(async () => journal.append(record))),
      floor: async () => Promise.all(producers.map(async () => bare.append(line))),
      floorName: "bare group commit of the same bytes: no hash, no chain, no checkpoint",
      maxFloorRatio: 1.25,
      maxMicroseconds: 1_000,
    },
    {
      name: `strict append, ${PRODUCERS} producers, beside a chain`,
      ours: async () => Promise.all(producers.map(async () => journal.append(record))),
      floor: async () => Promise.all(producers.map(async () => chained.append(chain()))),
      floorName:
        "group commit of JSON.stringify and one SHA-256 for each record: the least a chained log does",
      maxFloorRatio: 1.5,
    },
    {
      name: "strict append, one producer",
      ours: async () => journal.append(record),
      floor: async () => bare.append(line),
      floorName: "bare write and fdatasync",
      maxFloorRatio: 1.4,
    },
    {
      name: `permissive append, and everything written (per ${PERMISSIVE})`,
      ours: async () => {
        for (let count = 0; count < PERMISSIVE; count += 1) await permissive.append(record);
        await new Promise((resolve) => setImmediate(resolve));
      },
      floor: async () => {
        for (let count = 0; count < PERMISSIVE; count += 1) await Promise.resolve(JSON.stringify(record));
        await new Promise((resolve) => setImmediate(resolve));
      },
      floorName: "JSON.stringify, and nothing written",
      maxMicroseconds: 4 * PERMISSIVE,
    },
  ];
}
