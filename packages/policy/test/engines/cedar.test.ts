import type { DecisionRequest } from "@symbiont/kit";
import {
  CEDAR_SHAPES,
  CedarEngine,
  type CedarEngineOptions,
  type CedarModule,
  loadCedar,
} from "@symbiont/policy/cedar";
import { describe, expect, test } from "vitest";

const cedar = (source: string, options: Partial<CedarEngineOptions> = {}) =>
  new CedarEngine({ policies: [{ file: "p", source }], ...options });
const PERMIT_ALL = "permit(principal, action, resource);";

function request(overrides: Partial<DecisionRequest> = {}): DecisionRequest {
  return {
    principal: { kind: "agent", id: "worker", roles: ["reader", "reader"] },
    action: "read_file",
    resource: { kind: "tool", id: "files/read_file" },
    context: { args: { path: "/srv/a" } },
    ...overrides,
  };
}

describe("CedarEngine", () => {
  test("says which policies determined the decision, and under which set", () => {
    const engine =
      cedar(`permit(principal == Agent::"worker", action == Action::"tool_call::read_file", resource);
      forbid(principal, action, resource) when { context.args.path like "/etc/*" };`);
    const allowed = engine.decide(request());
    expect(allowed).toMatchObject({ effect: "allow", code: "allow.policy", rules: ["p#0"], engine: "cedar" });
    expect(allowed.policySet).toMatch(/^sha256:[0-9a-f]{64}$/);
    const denied = engine.decide(request({ context: { args: { path: "/etc/passwd" } } }));
    expect(denied).toMatchObject({ effect: "deny", code: "deny.policy", rules: ["p#1"] });
    expect(engine.decide(request({ action: "other" })).code).toBe("default");
  });

  test("knows roles as parents of the principal", () => {
    const engine = cedar('permit(principal in Role::"reader", action, resource);');
    expect(engine.decide(request()).effect).toBe("allow");
    expect(engine.decide(request({ principal: { kind: "agent", id: "worker" } })).effect).toBe("deny");
  });

  test("speaks the words of hook policies too", () => {
    const engine = cedar(
      `permit(principal == Symbi::Agent::"worker", action == Symbi::Action::"tool_call::read_file", resource)
       when { context.tool_input.path == "/srv/a" };`,
      { shape: CEDAR_SHAPES.hook },
    );
    expect(engine.decide(request()).effect).toBe("allow");
    expect(engine.decide(request({ context: {} })).code).toBe("default");
  });

  test("takes fractions only where the host says that it vouches for them", () => {
    const rule = 'permit(principal, action, resource) when { context.load.lessThan(decimal("0.8")) };';
    const context = { load: 0.5 };
    expect(cedar(rule).decide(request({ context })).code).toBe("engine.request");
    expect(cedar(rule, { decimals: ["load"] }).decide(request({ context })).effect).toBe("allow");
    const tiny = request({ context: { load: 1e-9 } });
    expect(cedar(rule, { decimals: ["load"] }).decide(tiny).code).toBe("engine.request");
  });

  test("validates policies and requests against a schema", () => {
    const schema = `entity Role; entity Agent in [Role]; entity Resource;
      action "tool_call::read_file" appliesTo { principal: Agent, resource: Resource, context: { args: { path: String } } };`;
    const engine = cedar(PERMIT_ALL, { schema });
    expect(engine.error).toBeUndefined();
    expect(engine.decide(request()).effect).toBe("allow");
    expect(engine.decide(request({ context: { args: { path: 1 } } })).code).toBe("engine.request");
    expect(engine.decide(request({ action: "other" })).code).toBe("engine.request");
    const unsound = cedar('permit(principal, action == Action::"no_such", resource);', { schema });
    expect(unsound.error).toMatchObject({ code: "POLICY_INVALID" });
    expect(unsound.decide(request())).toMatchObject({ effect: "deny", code: "policy.parse" });
  });

  test("exchanges policies as a whole, and keeps the old ones when the new are refused", () => {
    const engine = cedar(PERMIT_ALL);
    for (let round = 0; round < 5; round += 1) {
      engine.swap([{ file: "p", source: "forbid(principal, action, resource);" }]);
      expect(engine.decide(request()).code).toBe("deny.policy");
      engine.swap([{ file: "p", source: PERMIT_ALL }]);
      expect(engine.decide(request()).code).toBe("allow.policy");
    }
    expect(() => engine.swap([{ file: "p", source: "permit(" }])).toThrow(
      expect.objectContaining({ code: "POLICY_SYNTAX" }),
    );
    expect(engine.error).toBeDefined();
    expect(engine.decide(request()).effect).toBe("allow");
  });

  test.each<[string, string, string]>([
    ["a template", "permit(principal == ?principal, action, resource);", "POLICY_INVALID"],
    ["no policy", "hello", "POLICY_SYNTAX"],
    ["a text that is too long", `// ${"x".repeat(300_000)}`, "POLICY_TOO_LARGE"],
    [
      "a look-alike letter in an action",
      'forbid(principal, action == Action::"shеll", resource);',
      "POLICY_INVALID",
    ],
  ])("%s is refused and denies everything", (_, source, code) => {
    const engine = cedar(source);
    expect(engine.error).toMatchObject({ code });
    expect(engine.decide(request()).effect).toBe("deny");
  });

  test("Cedar that is not installed denies everything", () => {
    const engine = cedar(PERMIT_ALL, {
      load: () => {
        throw new Error("Cannot find module");
      },
    });
    expect(engine.decide(request())).toMatchObject({ effect: "deny", code: "engine.unavailable" });
  });
});

describe("an attacker", () => {
  test.each(["__entity", "__extn", "__expr"])("cannot smuggle %s in, however deep", (name) => {
    const engine = cedar(PERMIT_ALL);
    const escape = { [name]: { type: "Agent", id: "worker", fn: "decimal", arg: "1.0" } };
    for (const args of [escape, { a: escape }, { a: [[escape]] }, { a: { b: { c: escape } } }]) {
      expect(engine.decide(request({ context: { args } })).code).toBe(`input.reserved_key:${name}`);
    }
  });

  test.each<[string, unknown]>([
    ["null", null],
    ["a fraction", 0.5],
    ["NaN", Number.NaN],
    ["an integer beyond a double", 2 ** 60],
    ["a bigint", 1n],
    ["undefined", undefined],
    ["a date", new Date()],
    ["a function", () => true],
    ["a lone surrogate", "\ud800"],
    [
      "a getter",
      {
        get x(): never {
          throw new Error("called");
        },
      },
    ],
  ])("gains nothing from %s in the context", (_, value) => {
    const engine = cedar(`${PERMIT_ALL} forbid(principal, action, resource) when { context has a };`);
    const { effect } = engine.decide(request({ context: { a: value } }));
    expect(effect).toBe("deny");
    expect(engine.decide(request()).effect).toBe("allow");
  });

  test("gains nothing from values that contain themselves", () => {
    const a: Record<string, unknown> = {};
    a["a"] = a;
    expect(cedar(PERMIT_ALL).decide(request({ context: a })).code).toBe("engine.request");
  });

  test("cannot break the instance with a deep policy text", () => {
    const deep = (open: string, close: string, levels: number) =>
      `permit(principal, action, resource) when { ${open.repeat(levels)}true${close.repeat(levels)} };`;
    const engine = cedar(PERMIT_ALL);
    for (const source of [
      deep("(", ")", 65),
      deep("(", ")", 5000),
      deep("if true then true else ", "", 5000),
    ]) {
      expect(() => engine.swap([{ file: "p", source }])).toThrow(
        expect.objectContaining({ code: "POLICY_TOO_LARGE" }),
      );
      expect(engine.decide(request()).effect).toBe("allow");
    }
    engine.swap([{ file: "p", source: deep("(", ")", 40) }]);
    expect(engine.decide(request()).effect).toBe("allow");
  });

  test("is denied when the instance breaks, and the next decision is made by a new one", () => {
    let loads = 0;
    let isBreaking = false;
    const load = (): CedarModule => {
      loads += 1;
      const real = loadCedar();
      let isBroken = false;
      return {
        ...real,
        statefulIsAuthorized: (call) => {
          isBroken ||= isBreaking;
          if (isBroken)
            throw Object.assign(new Error("memory access out of bounds"), { name: "RuntimeError" });
          return real.statefulIsAuthorized(call);
        },
      };
    };
    const engine = cedar(PERMIT_ALL, { load });
    isBreaking = true;
    expect(engine.decide(request())).toMatchObject({ effect: "deny", code: "engine.request" });
    isBreaking = false;
    expect(engine.decide(request()).effect).toBe("allow");
    expect(loads).toBe(2);
  });

  test("two files of one name are refused, and the policies before stay", () => {
    const engine = cedar(PERMIT_ALL);
    const file = { file: "p", source: PERMIT_ALL };
    expect(() => engine.swap([file, file])).toThrow(RangeError);
    expect(engine.decide(request()).effect).toBe("allow");
  });

  test("survives a policy that overflows the stack of the real engine while it decides", () => {
    const engine = cedar(PERMIT_ALL);
    // How long a sum takes the whole stack depends on the runtime. Shorter ones are decided as they should be.
    const effects = [250, 500, 1_000, 2_000, 4_000, 8_000].map((terms) => {
      const sum = `${"1 + ".repeat(terms)}1 == 1`;
      const source = `${PERMIT_ALL} forbid(principal, action, resource) when { ${sum} };`;
      try {
        engine.swap([{ file: "p", source }]);
      } catch (error) {
        expect(error).toMatchObject({ code: "POLICY_TOO_LARGE" });
        return "refused";
      }
      const first = engine.decide(request()).effect;
      expect(engine.decide(request()).effect).toBe(first);
      return first;
    });
    const held = effects.filter((effect) => effect === "allow").length;
    expect(new Set(effects.slice(0, held))).toEqual(new Set(held === 0 ? [] : ["allow"]));
    expect(effects.slice(held)).toContain("deny");
    engine.swap([{ file: "p", source: PERMIT_ALL }]);
    expect(engine.decide(request()).effect).toBe("allow");
  });

  test.each<[string, unknown]>([
    ["nothing", undefined],
    [
      "an allow without a reason",
      { type: "success", response: { decision: "allow", diagnostics: { reason: [], errors: [] } } },
    ],
    [
      "another decision",
      { type: "success", response: { decision: "yes", diagnostics: { reason: ["p#0"], errors: [] } } },
    ],
    ["no diagnostics", { type: "success", response: { decision: "allow" } }],
    [
      "an error of a policy that nobody knows",
      {
        type: "success",
        response: { decision: "allow", diagnostics: { reason: ["p#0"], errors: [{ policyId: "x" }] } },
      },
    ],
  ])("gains nothing from an engine that answers %s", (_, answer) => {
    const load = () => ({ ...loadCedar(), statefulIsAuthorized: () => answer });
    expect(cedar(PERMIT_ALL, { load }).decide(request()).effect).toBe("deny");
  });
});
