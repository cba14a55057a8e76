import { createHttpGuard, guardFetch } from "@symbiont/adapters/fetch";
import { expect, test } from "vitest";

const sound = { clientAddress: () => ({}), addressLimit: "unlimited", identity: "anonymous" } as const;

test.each([
  ["clientAddress", { clientAddress: undefined }],
  ["addressLimit", { addressLimit: undefined }],
  ["identity", { identity: undefined }],
  ["identity", { identity: {} }],
  [
    "identity.header",
    { identity: { verifier: { verify: (): void => undefined }, audience: "us", header: "x y" } },
  ],
  [
    "identity.scheme",
    { identity: { verifier: { verify: (): void => undefined }, audience: "us", scheme: "x y" } },
  ],
])("a guard without a sound %s is not built", (name, broken) => {
  expect(() => createHttpGuard({ ...sound, ...broken } as never)).toThrow(new RegExp(name));
});

test("the answer to an upgrade is handed on as the object that it is", async () => {
  // As runtimes make it: no program can.
  const upgraded = Object.defineProperty(new Response(null), "status", { value: 101 });
  const handler = guardFetch(() => upgraded, sound);
  expect(await handler(new Request("https://here.example"), { peer: "192.0.2.1" })).toBe(upgraded);
});
