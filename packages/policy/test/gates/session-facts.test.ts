import { runInNewContext } from "node:vm";
import type { Decision, DecisionPoint, DecisionRequest } from "@symbiont/kit";
import { compilePolicies, createDecisionPoint, parsePolicies } from "@symbiont/policy";
import { SessionMemory, type SessionView, withSessionFacts } from "@symbiont/policy/session";
import { describe, expect, test } from "vitest";

const RULES = `policy flow {
  allow: ["read_file", "send_mail", "list"]
  deny: "send_mail" if session.labels.contains("confidential") && not args.to.ends_with("@corp.example")
  deny: "list" if "send_mail" in session.actions || session.steps >= 5
}`;
const engine = createDecisionPoint(compilePolicies([parsePolicies(RULES)]));

function request(action: string, args: object = {}, sessionId = "s1"): DecisionRequest {
  const context = { sessionId, args };
  return {
    principal: { kind: "agent", id: "worker" },
    action,
    resource: { kind: "tool", id: action },
    context,
  };
}
const read = (path: string, session?: string) => request("read_file", { path }, session);
const send = (to: string, session?: string) => request("send_mail", { to }, session);
const options = {
  session: ({ context }: DecisionRequest) => context["sessionId"] as string,
  labels: ({ context, action }: DecisionRequest) => {
    const { path = "" } = context["args"] as { path?: string };
    return action === "read_file" && path.startsWith("/hr/") ? ["confidential"] : [];
  },
};

describe("withSessionFacts", () => {
  test("confidential things that were read cannot be sent out, in that session", async () => {
    const point = withSessionFacts(engine, options);
    const effect = async (asked: DecisionRequest) => (await point.decide(asked)).effect;
    expect(await effect(send("eve@evil.example"))).toBe("allow");
    expect(await effect(read("/hr/salaries.csv"))).toBe("allow");
    expect(await effect(send("eve@evil.example"))).toBe("deny");
    expect(await effect(send("dana@corp.example"))).toBe("allow");
    expect(await effect(send("eve@evil.example", "s2"))).toBe("allow");
    expect(await effect(request("list"))).toBe("deny");
  });

  test("only what was allowed counts", async () => {
    const rules = createDecisionPoint(
      compilePolicies([parsePolicies(`${RULES} policy no { deny: "read_file" }`)]),
    );
    const point = withSessionFacts(rules, options);
    expect((await point.decide(read("/hr/a"))).effect).toBe("deny");
    expect((await point.decide(send("eve@evil.example"))).effect).toBe("allow");
  });

  test("what is still being decided counts already, so that two at once gain nothing", async () => {
    const slow: DecisionPoint = {
      decide: async (asked) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        return engine.decide(asked);
      },
    };
    const point = withSessionFacts(slow, options);
    const both = await Promise.all([point.decide(read("/hr/a")), point.decide(send("eve@evil.example"))]);
    expect(both.map(({ effect }) => effect)).toEqual(["allow", "deny"]);
  });

  test("shows rules its own view, not one that the context brings along", async () => {
    const views: SessionView[] = [];
    const spy: DecisionPoint = {
      decide: (asked) => {
        views.push(asked.context["session"] as SessionView);
        return engine.decide(asked);
      },
    };
    const point = withSessionFacts(spy, options);
    await point.decide(read("/hr/a"));
    const forged = { labels: [], actions: [], steps: 0 };
    const asked = send("eve@evil.example");
    expect((await point.decide({ ...asked, context: { ...asked.context, session: forged } })).effect).toBe(
      "deny",
    );
    expect(views).toMatchObject([
      { id: "s1", actions: [], labels: [], steps: 0 },
      { id: "s1", actions: ["read_file"], labels: ["confidential"], steps: 1 },
    ]);
    expect(views[0]?.digest).not.toBe(views[1]?.digest);
  });

  test("an answer that is a promise of another kind counts as well", async () => {
    const OtherPromise = runInNewContext("Promise") as PromiseConstructor;
    const foreign: DecisionPoint = { decide: (asked) => OtherPromise.resolve(engine.decide(asked)) };
    expect(foreign.decide(read("/a"))).not.toBeInstanceOf(Promise);
    const point = withSessionFacts(foreign, options);
    expect((await point.decide(read("/hr/a"))).effect).toBe("allow");
    expect((await point.decide(send("eve@evil.example"))).effect).toBe("deny");
  });

  test("calls no getter of the context", async () => {
    const point = withSessionFacts(engine, { session: () => "s" });
    const context = Object.defineProperty({ args: {} }, "x", {
      enumerable: true,
      get: () => {
        throw new Error("called");
      },
    });
    expect((await point.decide({ ...read("/a"), context })).effect).toBe("allow");
  });

  test("a decision point that throws leaves no trace of the action", async () => {
    let isBroken = true;
    const flaky: DecisionPoint = {
      decide: (asked) => {
        if (isBroken) throw new Error("down");
        return engine.decide(asked);
      },
    };
    const point = withSessionFacts(flaky, options);
    expect(() => point.decide(read("/hr/a"))).toThrow("down");
    isBroken = false;
    expect((await point.decide(send("eve@evil.example"))).effect).toBe("allow");
  });

  test.each<[string, object]>([
    ["that cannot be told", { session: () => undefined }],
    ["without a name", { session: () => "" }],
    [
      "whose name throws",
      {
        session: () => {
          throw new Error("x");
        },
      },
    ],
    [
      "whose labels throw",
      {
        labels: () => {
          throw new Error("x");
        },
      },
    ],
    ["whose labels are none", { labels: () => [1] }],
  ])("denies a session %s", async (_, odd) => {
    const point = withSessionFacts(engine, { ...options, ...odd });
    expect(await point.decide(read("/a"))).toMatchObject({ effect: "deny", code: "session.unknown" });
  });
});

describe("SessionMemory", () => {
  const allowing: DecisionPoint = {
    decide: (): Decision => ({ effect: "allow", code: "a", reason: "", rules: [] }),
  };

  test("refuses new sessions when it is full, and forgets only what has long been idle", async () => {
    const clock = { time: 0, now: () => clock.time };
    const memory = new SessionMemory({ maxSessions: 2, idleMs: 1000, clock });
    const point = withSessionFacts(allowing, { ...options, memory });
    const code = async (session: string) => (await point.decide(read("/a", session))).code;
    expect([await code("a"), await code("b"), await code("c")]).toEqual(["a", "a", "session.full"]);
    clock.time = 900;
    expect(await code("a")).toBe("a");
    clock.time = 1100;
    expect(await code("c")).toBe("a");
    expect(memory.size).toBe(2);
    expect(await code("d")).toBe("session.full");
    memory.end("c");
    expect(await code("d")).toBe("a");
  });

  test("a session that does too many different things is denied before anything of it is forgotten", async () => {
    const point = withSessionFacts(allowing, options);
    const codes = new Set<string>();
    for (let count = 0; count < 1005; count += 1)
      codes.add((await point.decide(request(`tool_${count}`))).code);
    expect([...codes]).toEqual(["a", "session.full"]);
  });

  test("takes only options that make sense", () => {
    expect(() => new SessionMemory({ maxSessions: 0 })).toThrow(RangeError);
    expect(() => new SessionMemory({ idleMs: 0.5 })).toThrow(RangeError);
  });
});
