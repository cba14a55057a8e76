// Replaces a file until killed. Prints `done <n>` once generation n is acknowledged.
import { type FileSystem, nodeFileSystem, readPrivateFile, replaceFile } from "@symbiont/filestore";
import { generationContent, numberOf } from "./generation-content.ts";
import { say } from "./say.ts";

const [path = "", dieOneIn = "0"] = process.argv.slice(2);

/** Dies within calls too: after half a write, and right before and right after every other call. */
function deadly(oneIn: number): FileSystem {
  const die = (): void => {
    if (oneIn > 0 && Math.random() * oneIn < 1) process.kill(process.pid, "SIGKILL");
  };
  const around = <A extends unknown[], R>(call: (...args: A) => R): ((...args: A) => R) => {
    return (...args) => {
      die();
      const result = call(...args);
      die();
      return result;
    };
  };
  return {
    open: around(nodeFileSystem.open),
    write(descriptor, bytes, position) {
      const part = Math.random() < 0.5 ? bytes : bytes.subarray(0, Math.ceil(Math.random() * bytes.length));
      return around(nodeFileSystem.write)(descriptor, part, position);
    },
    truncate: around(nodeFileSystem.truncate),
    rename: around(nodeFileSystem.rename),
    fsync: around(nodeFileSystem.fsync),
    fdatasync: around(nodeFileSystem.fdatasync),
    fdatasyncSync: around(nodeFileSystem.fdatasyncSync),
  };
}

async function main(): Promise<void> {
  const fileSystem = deadly(Number(dieOneIn));
  let number = numberOf((await readPrivateFile(path, { maxBytes: 1_000_000 })).bytes);
  for (;;) {
    number += 1;
    const size = Math.random() < 0.2 ? Math.random() * 200_000 : Math.random() * 4096;
    await replaceFile(path, generationContent(number, Math.floor(size)), { fileSystem });
    say(`done ${number}`);
  }
}

void main();
