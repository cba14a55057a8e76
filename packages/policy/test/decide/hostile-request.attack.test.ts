import { compilePolicies, parsePolicies } from "@symbiont/policy";
import { describe, expect, test } from "vitest";
import { decide, judge } from "../decide.ts";

/** What each trap of a hostile proxy does. */
const traps = (trap: () => never): ProxyHandler<object> => ({
  get: trap,
  has: trap,
  ownKeys: trap,
  getPrototypeOf: trap,
  getOwnPropertyDescriptor: trap,
});

describe("a proxy in a request", () => {
  const explode = (): never => {
    throw new Error("trap");
  };
  const hostile = new Proxy({}, traps(explode));

  test("whose traps throw makes the decision a deny, never an exception", () => {
    const rules = 'allow: read if user.role != "guest" deny: other if user.role == "guest"';
    for (const scope of [{ user: hostile }, { user: { role: hostile } }, hostile]) {
      expect(decide(rules, { scope: scope as never }).effect).toBe("deny");
    }
    for (const key of ["subjects", "assurances", "approvals", "scope", "op"]) {
      expect(decide("allow: read", { [key]: hostile as never }).effect, key).toBe("deny");
    }
    const set = compilePolicies([parsePolicies("policy p { allow: read }")]);
    expect(set.evaluate(hostile as never)).toMatchObject({ effect: "deny", code: "engine.request" });
    expect(set.explain(hostile as never)).toMatchObject({ decision: { effect: "deny" }, rules: [] });
  });

  test("that lies about its members can claim data of its own, but no getter and no prototype member", () => {
    const liar = new Proxy(
      {},
      {
        getOwnPropertyDescriptor: (_, name) => ({
          configurable: true,
          enumerable: true,
          ...(name === "admin" ? { get: explode } : { value: "x" }),
        }),
      },
    );
    expect(judge("user.admin == true", { user: liar })).toBe("error");
    expect(judge("user.__proto__ == user.__proto__", { user: liar })).toBe("error");
  });

  test("that changes between two reads cannot make an allow out of a deny", () => {
    let reads = 0;
    const fickle = new Proxy(
      {},
      {
        getOwnPropertyDescriptor: () => ({
          configurable: true,
          enumerable: true,
          value: reads++ === 0 ? "guest" : "admin",
        }),
      },
    );
    const rules = 'allow: read if user.role == "admin" deny: read if user.role == "guest"';
    expect(decide(rules, { scope: { user: fickle } }).effect).toBe("deny");
  });
});

describe("sizes in a request", () => {
  test("a huge text costs operations, so that searching many of them ends", () => {
    const text = "x".repeat(8_000_000);
    expect(decide("allow: read if text.contains(needle)", { scope: { text, needle: "y" } })).toMatchObject({
      effect: "deny",
      code: "deny.guard_error",
    });
    expect(judge("text == text && text.length == 8000000", { text })).toBe(true);
  });

  test("a list of a million elements is not walked to its end", () => {
    const list = Array.from({ length: 1_000_000 }, (_, index) => index);
    expect(decide("allow: read if list.contains(-1)", { scope: { list } }).code).toBe("deny.guard_error");
    expect(decide("allow: read if list.any(x => x < 0)", { scope: { list } }).code).toBe("deny.guard_error");
  });

  test("cycles are an error on either side of a comparison", () => {
    const a: Record<string, unknown> = {};
    const b: Record<string, unknown> = {};
    a["next"] = b;
    b["next"] = a;
    expect(decide("allow: read if a == b", { scope: { a, b } }).effect).toBe("deny");
    expect(decide("allow: read deny: read if a == b", { scope: { a, b } }).code).toBe("deny.guard_error");
  });
});
