import { readFileSync } from "node:fs";
import { SecretFile } from "@symbiont/secrets/file";
import { expect, test } from "vitest";
import { bundledChild } from "./bundled-child.ts";
import { temporaryFile } from "./temporary-directory.ts";
import { rawKey } from "./test-keys.ts";

const heap = bundledChild("heap");
const CANARY = "cAnArY7hEaPsNaPsHoT";

async function heapAfter(how: "get" | "use" | "expose"): Promise<string> {
  const path = temporaryFile();
  await using file = await SecretFile.create(path, { keyProviders: [rawKey()] });
  await file.store.set("value", CANARY);
  expect((await heap(path, how, `${path}.heapsnapshot`).ended).lines).toEqual(["finished"]);
  return readFileSync(`${path}.heapsnapshot`, "utf8");
}

test("a heap snapshot shows no value that was only got", async () => {
  const snapshot = await heapAfter("get");
  expect(snapshot).toContain('"snapshot"');
  expect(snapshot.includes(CANARY)).toBe(false);
}, 60_000);

test("a heap snapshot shows no value that was lent as bytes", async () => {
  expect((await heapAfter("use")).includes(CANARY)).toBe(false);
}, 60_000);

test("a heap snapshot shows a value that was exposed as text, which nobody can erase", async () => {
  expect((await heapAfter("expose")).includes(CANARY)).toBe(true);
}, 60_000);
