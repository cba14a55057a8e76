import { type LayeredSources, PolicyLayers } from "@symbiont/policy";
import { describe, expect, test } from "vitest";

const source = (file: string, rules: string) => ({ file, source: `policy p { ${rules} }` });
const layered: LayeredSources = {
  shared: [source("shared.symbi", 'allow: read deny: "*" if context.tainted')],
  entryPoints: { http: [source("http/a.symbi", "allow: write deny: read")] },
};
const clean = { scope: { context: { tainted: false } } };

describe("PolicyLayers", () => {
  test("puts the shared files and those of the entry point in force together, and deny wins", () => {
    const layers = new PolicyLayers({ entryPoints: ["http", "chat"] });
    layers.swap(layered);
    const effect = (entryPoint: string, op: string) =>
      layers.at(entryPoint).evaluate({ op, ...clean }).effect;
    expect(effect("chat", "read")).toBe("allow");
    expect(effect("http", "read")).toBe("deny");
    expect(effect("http", "write")).toBe("allow");
    expect(effect("chat", "write")).toBe("deny");
    expect(layers.current("http")?.digest).not.toBe(layers.current("chat")?.digest);
  });

  test("denies everything before the first exchange", () => {
    const layers = new PolicyLayers({ entryPoints: ["http"] });
    expect(layers.at("http").evaluate({ op: "read" })).toMatchObject({
      effect: "deny",
      code: "policy.parse",
    });
    expect(layers.current("http")).toBeUndefined();
  });

  test("exchanges all entry points or none", () => {
    const refused: unknown[] = [];
    const layers = new PolicyLayers({
      entryPoints: ["http", "chat"],
      onRefused: (error) => {
        refused.push(error);
        throw new Error("a listener has no say");
      },
    });
    layers.swap(layered);
    const before = [layers.current("chat"), layers.current("http")];
    const broken = { shared: [source("shared.symbi", "")], entryPoints: { http: [source("h", "allow:")] } };
    expect(() => layers.swap(broken)).toThrow(expect.objectContaining({ code: "POLICY_SYNTAX" }));
    expect([layers.current("chat"), layers.current("http")]).toEqual(before);
    expect(layers.error).toBe(refused[0]);
    layers.swap(layered);
    expect(layers.error).toBeUndefined();
  });

  test("refuses a layer that would never be asked, and an entry point that nobody declared", () => {
    const layers = new PolicyLayers({ entryPoints: ["http"] });
    expect(() => layers.swap({ shared: [], entryPoints: { htttp: [] } })).toThrow(RangeError);
    expect(() => layers.swap({ shared: [], entryPoints: { constructor: [] } })).toThrow(RangeError);
    expect(() => layers.at("chat")).toThrow(RangeError);
    expect(() => new PolicyLayers({ entryPoints: ["a", "a"] })).toThrow(RangeError);
  });
});
