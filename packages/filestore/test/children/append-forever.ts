// Appends numbered lines until killed, repairing what the last life left. Prints `done <n>` once line n is durable.
import { AppendFile, type FileSystem, nodeFileSystem } from "@symbiont/filestore";
import { lineFor, numberOfLine } from "./numbered-line.ts";
import { say } from "./say.ts";

const [path = "", from = "0", quarantine = "", dieOneIn = "0"] = process.argv.slice(2);

/** Dies after a part of a write, which no other process could bring about. */
function deadly(oneIn: number): FileSystem {
  return {
    ...nodeFileSystem,
    write(descriptor, bytes, position) {
      if (oneIn === 0 || Math.random() * oneIn >= 1) return nodeFileSystem.write(descriptor, bytes, position);
      nodeFileSystem.write(descriptor, bytes.subarray(0, Math.ceil(Math.random() * bytes.length)), position);
      process.kill(process.pid, "SIGKILL");
      return 0;
    },
  };
}

async function main(): Promise<void> {
  const file = await AppendFile.open(path, { fileSystem: deadly(Number(dieOneIn)) });
  let number = 0;
  for await (const entry of file.lines({ maxLineBytes: 10_000, from: Number(from) })) {
    if (entry.kind === "line") number = numberOfLine(entry.bytes);
    else await file.repairTail(entry, `${quarantine}/${entry.offset}-${process.pid}`);
  }
  for (;;) {
    const lines: Uint8Array[] = [];
    const count = 1 + Math.floor(Math.random() * 8);
    for (let index = 0; index < count; index += 1) lines.push(lineFor(++number));
    file.append(lines);
    await file.sync();
    say(`done ${number}`);
  }
}

void main();
