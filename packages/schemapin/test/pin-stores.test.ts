import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ManagedPinStore, MemoryPinStore } from "@symbiont/schemapin";
import { FilePinStore } from "@symbiont/schemapin/file-pin-store";
import { pinStoreContract } from "@symbiont/schemapin/testing";
import { afterAll, beforeAll, describe, test } from "vitest";

describe("memory pin store", () => {
  for (const { name, run } of pinStoreContract(async () => new MemoryPinStore())) test(name, run);
});

describe("file pin store", () => {
  let folder: string;
  let files = 0;
  const paths = new WeakMap<object, string>();
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "pin-stores-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const open = async (path?: string): Promise<ManagedPinStore> => {
    files += 1;
    const file = path ?? join(folder, `pins-${files}.json`);
    const store = new FilePinStore(file);
    paths.set(store, file);
    return store;
  };
  const cases = pinStoreContract(
    async () => open(),
    async (store) => open(paths.get(store)),
  );
  for (const { name, run } of cases) test(name, run);
});
