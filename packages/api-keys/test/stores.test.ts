import { MemoryStore, MemoryTicketStore } from "@symbiont/api-keys";
import { FileStore } from "@symbiont/api-keys/file";
import { apiKeyStoreContract, ticketStoreContract } from "@symbiont/api-keys/testing";
import { describe, test } from "vitest";
import { temporaryFolder } from "./temporary-folder.ts";

describe("memory store", () => {
  for (const { name, run } of apiKeyStoreContract(async () => new MemoryStore())) test(name, run);
});

describe("file store", () => {
  const folder = temporaryFolder();
  const paths = new WeakMap<object, string>();
  let files = 0;
  const open = async (path = folder(`keys-${(files += 1)}.json`)): Promise<FileStore> => {
    const store = new FileStore(path);
    paths.set(store, path);
    return store;
  };
  const reopen = (store: object): Promise<FileStore> => open(paths.get(store));
  for (const { name, run } of apiKeyStoreContract(() => open(), reopen)) test(name, run);
});

describe("memory ticket store", () => {
  for (const { name, run } of ticketStoreContract(async () => new MemoryTicketStore())) test(name, run);
});
