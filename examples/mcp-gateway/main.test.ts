import { expect, test } from "vitest";
import { main } from "./main.ts";

test("each caller is known, judged and limited by itself, whichever server is asked", async () => {
  const lines: string[] = [];
  await main((line) => lines.push(line));
  expect(lines).toEqual([
    "two servers behind one: true",
    "reader reads: the moon is made of rock",
    "reader writes: denied, default",
    "editor writes: written",
    "editor echoes: Echo: hello",
    expect.stringMatching(/^reader in a hurry: 1\d of 30 limited; editor still served: Echo: me$/),
    "reader's key revoked: 401; no key: 401",
  ]);
});
