import { type Authorized, Gate, isDenied, type Proposed, type Verified } from "@symbiont/core";
import { describe, expect, test } from "vitest";
import { call, MemorySink, openPorts } from "./fake-ports.ts";

const forged = expect.objectContaining({ code: "GATE_STAGE_FORGED" }) as Error;
const reused = expect.objectContaining({ code: "GATE_STAGE_REUSED" }) as Error;

/** Walks a fresh call to the last stage. */
async function authorizedBy(gate: Gate): Promise<Authorized> {
  const identified = await gate.identify(gate.propose(call));
  if (isDenied(identified)) throw new Error(identified.code);
  const admitted = await gate.admit(identified);
  if (isDenied(admitted)) throw new Error(admitted.code);
  const verified = await gate.verify(admitted);
  if (isDenied(verified)) throw new Error(verified.code);
  const authorized = await gate.authorize(verified);
  if (isDenied(authorized)) throw new Error(authorized.code);
  return authorized;
}

describe("a stage object", () => {
  test("cannot be made by hand", async () => {
    const gate = new Gate(openPorts());
    const handmade = { call, principal: { kind: "agent", id: "root" } } as unknown as Verified;
    await expect(gate.authorize(handmade)).rejects.toThrow(forged);
    await expect(gate.execute({ ...handmade, intent: 0 } as unknown as Authorized, () => 1)).rejects.toThrow(
      forged,
    );
    for (const nothing of [null, undefined, 1, "authorized", () => 1]) {
      await expect(gate.execute(nothing as unknown as Authorized, () => 1)).rejects.toThrow(forged);
    }
  });

  test("cannot be copied, cloned or hidden behind a proxy or prototype", async () => {
    const gate = new Gate(openPorts());
    const real = await authorizedBy(gate);
    for (const copy of [
      { ...real },
      structuredClone({ ...real }),
      new Proxy(real, {}),
      Object.create(real) as Authorized,
    ]) {
      await expect(gate.execute(copy, () => 1)).rejects.toThrow(forged);
    }
  });

  test("cannot be used twice, not even at the same time", async () => {
    const gate = new Gate(openPorts());
    const real = await authorizedBy(gate);
    let ran = 0;
    const results = await Promise.allSettled([1, 2, 3].map(async () => gate.execute(real, () => (ran += 1))));
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
    expect(ran).toBe(1);
    await expect(gate.execute(real, () => 1)).rejects.toThrow(reused);
  });

  test("cannot skip a stage", async () => {
    const gate = new Gate(openPorts());
    await expect(gate.execute(gate.propose(call) as unknown as Authorized, () => 1)).rejects.toThrow(forged);
    await expect(gate.authorize(gate.propose(call) as unknown as Verified)).rejects.toThrow(forged);
  });

  test("cannot go back to an earlier stage", async () => {
    const gate = new Gate(openPorts());
    const real = await authorizedBy(gate);
    await expect(gate.identify(real as unknown as Proposed)).rejects.toThrow(forged);
  });

  test("of another gate does not count", async () => {
    const lax = new Gate(openPorts());
    const strict = new Gate(openPorts());
    await expect(strict.execute(await authorizedBy(lax), () => 1)).rejects.toThrow(forged);
  });

  test("cannot be changed after it was issued", async () => {
    const gate = new Gate(openPorts());
    const real = await authorizedBy(gate);
    expect(Object.isFrozen(real) && Object.isFrozen(real.call) && Object.isFrozen(real.arguments)).toBe(true);
    expect(() => {
      (real.arguments as Record<string, unknown>)["path"] = "/etc/shadow";
    }).toThrow(TypeError);
  });
});

describe("what a caller keeps hold of", () => {
  test("arguments and facts changed after the proposal change nothing", async () => {
    const sink = new MemorySink();
    const input = { path: "/safe" };
    const context = { level: { value: "low" } };
    const seen: unknown[] = [];
    const gate = new Gate({
      ...openPorts(sink),
      arguments: { check: (given) => ({ valid: true, arguments: structuredClone(given) as never }) },
      policy: {
        decide: ({ context: facts }) => {
          seen.push(structuredClone(facts["level"]));
          input.path = "/etc/shadow";
          context.level.value = "high";
          return { effect: "allow", code: "allow.rule", reason: "ok", rules: [] };
        },
      },
    });
    const result = await gate.run(
      { ...call, arguments: input, context },
      ({ arguments: given }) => given["path"],
    );
    expect(result).toEqual({ denied: false, value: "/safe" });
    expect(seen).toEqual([{ value: "low" }]);
  });

  test("ports replaced after construction are not used", async () => {
    const options = { ...openPorts() };
    const gate = new Gate({
      ...options,
      policy: { decide: () => ({ effect: "deny", code: "deny.rule", reason: "no", rules: [] }) },
    });
    (options as { policy: unknown }).policy = openPorts().policy;
    expect(await gate.run(call, () => 1)).toMatchObject({ denied: true });
  });

  test("a late answer of a timed-out stage is dropped", async () => {
    let release: (() => void) | undefined;
    const gate = new Gate({
      ...openPorts(),
      stageTimeoutMs: 20,
      policy: {
        decide: async () =>
          new Promise((resolve) => {
            release = () => resolve({ effect: "allow", code: "allow.rule", reason: "late", rules: [] });
          }),
      },
    });
    let ran = false;
    const result = await gate.run(call, () => {
      ran = true;
    });
    release?.();
    await new Promise((resolve) => setImmediate(resolve));
    expect(result).toMatchObject({ code: "GATE_STAGE_TIMED_OUT" });
    expect(ran).toBe(false);
  });
});
