import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { formatVerifierKey, verifierKey, verifyJournal } from "@symbiont/audit";
import { importPrivateKeyRaw } from "@symbiont/keys";
import { expect } from "vitest";
import { readRecords } from "./read-records.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const child = fileURLToPath(new URL("crash-child.ts", import.meta.url));
const key = importPrivateKeyRaw("Ed25519", new Uint8Array(32).fill(9));
const trusted = [formatVerifierKey(verifierKey("example.org/crash/audit/1", key.publicKey))];

/**
 * Starts a writer on the folder, kills it at a random moment after it has opened, and checks that every record it
 * acknowledged is there and the journal verifies. Returns the newest anchored checkpoint and how many were acknowledged.
 */
export async function killRound(
  folder: string,
  anchors: readonly string[],
): Promise<{ anchors: string[]; acknowledged: number }> {
  const arguments_ = [
    "-C",
    "@symbiont/source",
    "--import",
    join(root, "scripts/ts.mjs"),
    child,
    folder,
    JSON.stringify(anchors),
  ];
  const process_ = spawn(process.execPath, arguments_, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  let errors = "";
  process_.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  await new Promise<void>((resolve) => {
    process_.on("exit", () => resolve());
    process_.stdout.on("data", (chunk: Buffer) => {
      const waiting = !output.includes("opened");
      output += chunk.toString();
      if (waiting && output.includes("opened"))
        setTimeout(() => process_.kill("SIGKILL"), Math.random() * 60);
    });
  });
  expect(errors).toBe("");
  const lines = output.slice(0, output.lastIndexOf("\n") + 1).split("\n");
  const notes = lines
    .filter((line) => line.startsWith("note "))
    .map((line) => JSON.parse(line.slice(5)) as string);
  const report = await verifyJournal(folder, {
    trusted,
    anchors: notes.length > 0 ? notes.slice(-1) : [...anchors],
  });
  const records = readRecords(folder);
  let acknowledged = 0;
  for (const line of lines) {
    const match = /^ack (\d+) (\S+) (\d+)$/.exec(line);
    if (match === null) continue;
    acknowledged += 1;
    const [, sequence, producer, count] = match;
    expect(Number(sequence)).toBeLessThan(report.records);
    expect(records[Number(sequence)]).toMatchObject({
      actor: { id: producer },
      data: { count: Number(count) },
    });
  }
  return { anchors: notes.length > 0 ? notes.slice(-1) : [...anchors], acknowledged };
}
