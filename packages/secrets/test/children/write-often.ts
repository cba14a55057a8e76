// Sets one secret many times. Prints `started`, and `finished`.
import { SecretFile } from "@symbiont/secrets/file";
import { rawKey } from "../test-keys.ts";

const [path = "", times = "0"] = process.argv.slice(2);

async function main(): Promise<void> {
  await using file = await SecretFile.open(path, { keyProviders: [rawKey()] });
  console.log("started");
  for (let count = 1; count <= Number(times); count += 1) await file.store.set("counter", String(count));
  console.log("finished");
}

void main();
