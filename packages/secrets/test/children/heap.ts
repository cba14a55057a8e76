// Uses a secret in one way and writes a heap snapshot. Prints `finished`.
import { writeHeapSnapshot } from "node:v8";
import { SecretFile } from "@symbiont/secrets/file";
import { rawKey } from "../test-keys.ts";

const [path = "", how = "", snapshot = ""] = process.argv.slice(2);

async function main(): Promise<void> {
  const file = await SecretFile.open(path, { keyProviders: [rawKey()] });
  const secret = await file.store.get("value");
  let kept: unknown;
  if (how === "use") kept = await secret.use((bytes) => bytes.length);
  if (how === "expose") kept = { text: secret.expose() };
  writeHeapSnapshot(snapshot);
  console.log(kept === null ? "" : "finished");
}

void main();
