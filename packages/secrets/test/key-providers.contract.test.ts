import { readdirSync } from "node:fs";
import { type KeyProviderSetup, keyProviderContract } from "@symbiont/secrets/testing";
import { describe, expect, test } from "vitest";

/** What a file of `key-provider-setups`, named after its folder, exports. */
interface Setups {
  readonly setups: Readonly<Record<string, KeyProviderSetup>>;
  /** Ends the title with the reason why the setups cannot run here; empty when they can. */
  readonly skip?: string;
}

const providers = new URL("../src/key-providers/", import.meta.url);
const folders = readdirSync(providers, { withFileTypes: true }).filter((entry) => entry.isDirectory());

test("there are key providers", () => {
  expect(folders.length).toBeGreaterThan(0);
});

describe.each(folders.map(({ name }) => name))("%s", async (name) => {
  const { setups, skip = "" } = (await import(`./key-provider-setups/${name}.ts`)) as Setups;
  for (const [title, setup] of Object.entries(setups))
    describe.skipIf(skip !== "")(`${title}${skip}`, () => {
      for (const { name, run } of keyProviderContract(setup)) test(name, run);
    });
});
