// Sets a secret and dies right before the nth call that changes something on disk; for a write, after half of it when
// asked to. Lives when n is 0, and prints the names of the calls.
import fs from "node:fs";
import { SecretFile } from "@symbiont/secrets/file";
import { rawKey } from "../test-keys.ts";

const [path = "", step = "0", half = ""] = process.argv.slice(2);
const CHANGING = [
  "openSync",
  "writeSync",
  "fchmodSync",
  "futimesSync",
  "fsync",
  "renameSync",
  "closeSync",
  "unlinkSync",
  "mkdirSync",
  "mkdir",
  "rmdirSync",
  "rmdir",
  "utimes",
  "utimesSync",
  "writeFileSync",
] as const;

const calls: string[] = [];

function watch(name: (typeof CHANGING)[number]): void {
  const original = fs[name] as (...args: unknown[]) => unknown;
  Object.assign(fs, {
    [name]: (...args: unknown[]) => {
      calls.push(name);
      if (calls.length === Number(step)) {
        const [descriptor, bytes] = args;
        if (half !== "" && bytes instanceof Uint8Array)
          original(descriptor, bytes.subarray(0, bytes.length >> 1), 0, bytes.length >> 1, 0);
        process.kill(process.pid, "SIGKILL");
      }
      return original(...args);
    },
  });
}

async function main(): Promise<void> {
  const file = await SecretFile.open(path, { keyProviders: [rawKey()], backups: 1 });
  const [, canary] = (await file.store.get("value")).expose().split(" ");
  for (const name of CHANGING) watch(name);
  await file.store.set("value", `new ${canary}`);
  console.log(calls.join(" "));
}

void main();
