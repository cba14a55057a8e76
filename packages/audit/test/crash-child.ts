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
  maxSegmentBytes: 50_000,
  anchor: (note) => print(`note ${JSON.stringify(note)}\n`),
});
print("opened\n");

/** At once, so that a kill loses no line. A reader that is slower than we are fills the pipe for a moment. */
function print(line: string): void {
  for (;;) {
    try {
      writeSync(1, line);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    }
  }
}

async function produce(producer: number): Promise<never> {
  for (let count = 0; ; count += 1) {
    const { sequence } = await journal.append({
      type: "tool.call",
      outcome: "info",
      actor: { kind: "agent", id: `p-${producer}` },
      data: { count, filler: "x".repeat(producer * 100) },
    });
    print(`ack ${sequence} p-${producer} ${count}\n`);
  }
}
await Promise.all([1, 2, 3, 4].map(produce));
