import { expect, test } from "vitest";
import { main } from "./main.ts";

test("the service runs under workerd, and lets in who can prove who it is", async () => {
  const lines: string[] = [];
  await main((line) => lines.push(line), ["@symbiont/source"]);
  expect(lines).toEqual([
    "bundled: no import of Node in it",
    'who calls: ["urn:agentpin:deployer.example:scout","198.51.100.7"]',
    "without a credential: 401",
    "a low ticket: 200 ticket 1",
    "a high ticket: 403 default",
    "one that two readers take differently: 403 args.duplicate_key",
    "webhook: issue opened; forged: 401",
    'on record: ["tool.call attempt","tool.call success","tool.call denied","tool.call denied"]',
  ]);
});
