import { memoryStore } from "@symbiont/secrets";
import fc from "fast-check";
import { expect, test } from "vitest";
import { AuditList } from "./audit-list.ts";
import { visible } from "./visible.ts";

const CANARY = "cAnArY7sEcReT9";

test("a value appears in no result, error or audit record, whatever is done with it", async () => {
  const call = fc.record({
    method: fc.constantFrom("set", "get", "rotate", "getMany", "getAccepted", "delete", "metadata"),
    name: fc.oneof(fc.constantFrom("a", "b", "../a", ""), fc.string()),
    before: fc.string(),
    ifVersion: fc.option(fc.integer({ min: -1, max: 3 }), { nil: undefined }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(call, { maxLength: 12 }), async (calls) => {
      const audit = new AuditList();
      const store = memoryStore({ audit });
      for (const { method, name, before, ifVersion } of calls) {
        const value = before + CANARY;
        const work = {
          set: () => store.set(name, value, ifVersion === undefined ? {} : { ifVersion }),
          get: () => store.get(name),
          rotate: () => store.rotate(name, () => value, { graceMs: 1_000 }),
          getMany: () => store.getMany([name, "a"]),
          getAccepted: () => store.getAccepted(name),
          delete: () => store.delete(name),
          metadata: () => store.metadata(name),
        }[method as "set"];
        const result: unknown = await Promise.resolve()
          .then(work)
          .catch((error: unknown) => error);
        expect(visible([result, audit.records, store])).not.toContain(CANARY);
      }
    }),
    { numRuns: 200 },
  );
});
