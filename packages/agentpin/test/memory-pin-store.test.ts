import { MemoryPinStore } from "@symbiont/agentpin";
import { pinStoreContract } from "@symbiont/agentpin/testing";
import { expect, test } from "vitest";

for (const { name, run } of pinStoreContract(
  () => new MemoryPinStore(),
  (store) => store,
))
  test(name, run);

test("pins that were only seen make room; what somebody pinned never does", () => {
  const store = new MemoryPinStore();
  const key = (lastSeen: number, trust: "tofu" | "pinned") => ({
    kid: "k",
    thumbprint: "0".repeat(64),
    firstSeen: 0,
    lastSeen,
    trust,
  });
  store.update("pinned.example", () => ({ domain: "pinned.example", keys: [key(0, "pinned")] }));
  for (let count = 1; count <= 10_001; count += 1) {
    const domain = `seen-${count}.example`;
    store.update(domain, () => ({ domain, keys: [key(count, "tofu")] }));
  }
  expect(store.list().length).toBeLessThanOrEqual(10_001);
  expect(store.get("pinned.example")).toBeDefined();
  expect(store.get("seen-1.example")).toBeUndefined();
  expect(store.get("seen-10001.example")).toBeDefined();
});
