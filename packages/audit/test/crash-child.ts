// Appends records until it is killed, and prints the sequence of each one that was acknowledged as durable.
import { writeSync } from "node:fs";
import { Journal } from "@symbiont/audit";
import { importPrivateKeyRaw } from "@symbiont/keys";

const [, , folder = "", anchors = "[]"] = process.argv;
const journal = await Journal.open(folder, {
  origin: "example.org/crash/audit/1",
  key: importPrivateKeyRaw("Ed25519", new Uint8Array(32).fill(9)),
  anchors: JSON.parse(anchors) as string[],
  checkpointEvery: 50,
  anchor: (note) => void writeSync(1, `note ${JSON.stringify(note)}\n`),
});
writeSync(1, "opened\n");
async function produce(producer: number): Promise<never> {
  for (let count = 0; ; count += 1) {
    const { sequence } = await journal.append({
      type: "tool.call",
      outcome: "info",
      actor: { kind: "agent", id: `p-${producer}` },
      data: { count, filler: "x".repeat(producer * 100) },
    });
    writeSync(1, `ack ${sequence} p-${producer} ${count}\n`);
  }
}
await Promise.all([1, 2, 3, 4].map(produce));
