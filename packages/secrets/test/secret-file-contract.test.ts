import { SecretFile } from "@symbiont/secrets/file";
import { describe, onTestFinished, test } from "vitest";
import { secretStoreContract } from "../src/testing/secret-store-contract.ts";
import { temporaryFile } from "./temporary-directory.ts";
import { rawKey } from "./test-keys.ts";

describe("a secret file keeps the contract of a writable back end", () => {
  const open = async () => {
    const path = temporaryFile();
    const clock = { now: Date.parse("2026-11-23T12:00:00Z") };
    const options = { keyProviders: [rawKey()], now: () => clock.now };
    const mine = await SecretFile.create(path, options);
    const theirs = await SecretFile.open(path, options);
    onTestFinished(async () => {
      await mine.close();
      await theirs.close();
    });
    return { store: mine.store, other: theirs.store, clock };
  };
  for (const { name, run } of secretStoreContract(open)) test(name, run);
});
