import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const why = existsSync("/usr/bin/python3") ? "" : " (skipped: /usr/bin/python3 is not installed)";

test.skipIf(why !== "")(
  `a descriptor that children would get is found each time, and pipes of our own are not taken for one${why}`,
  async () => {
    const program = `
    const { inheritedDescriptors } = await import(${JSON.stringify(at("../src/process/inherited-descriptors.ts"))});
    const { spawn } = await import("node:child_process");
    const seen = [inheritedDescriptors(), inheritedDescriptors()];
    const child = spawn("/bin/sleep", ["10"], { stdio: "pipe" });
    seen.push(inheritedDescriptors(), inheritedDescriptors());
    child.kill();
    console.log(JSON.stringify(seen));
  `;
    // Through a pipe on 250 and a file on 251, which this process's own start marks as nobody's.
    const node = `exec "$0" -C @symbiont/source --import ${at("../../../scripts/ts.mjs")} --input-type=module -e "$1"`;
    const opened = `import os, sys
read, write = os.pipe()
os.dup2(read, 250, True)
os.dup2(os.open("/etc/passwd", os.O_RDONLY), 251, True)
os.execv("/bin/sh", ["sh", "-c", *sys.argv[1:]])`;
    const { stdout } = await promisify(execFile)("python3", ["-c", opened, node, process.execPath, program]);
    expect(JSON.parse(stdout)).toEqual(Array.from({ length: 4 }, () => [250, 251]));
  },
);
