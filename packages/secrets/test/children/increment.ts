// Adds 1 to a secret many times, against others who do the same. Prints `finished`.
import { SecretError } from "@symbiont/secrets";
import { SecretFile } from "@symbiont/secrets/file";
import { rawKey } from "../test-keys.ts";

const [path = "", times = "0"] = process.argv.slice(2);

async function main(): Promise<void> {
  await using file = await SecretFile.open(path, { keyProviders: [rawKey()] });
  for (let count = 0; count < Number(times); ) {
    const current = await file.store.get("counter");
    try {
      const next = String(Number(current.expose()) + 1);
      await file.store.set("counter", next, { ifVersion: current.version });
      count += 1;
    } catch (error) {
      if (!SecretError.is(error) || !error.retryable) throw error;
    }
  }
  console.log("finished");
}

void main();
