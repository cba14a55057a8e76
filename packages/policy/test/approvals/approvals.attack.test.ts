import { type ApprovalStore, describeApproval, MemoryApprovalStore } from "@symbiont/policy/approvals";
import { describe, expect, test } from "vitest";
import { HASH, never, onlyOne, question, setUp } from "./fixtures.ts";

const approve = (approver: string) => ({ approver, verdict: "approve" as const, channel: "test" });

describe("an attacker who wants an action approved", () => {
  test.each([
    ["a stranger", "mallory", "operator"],
    ["somebody with another role", "kim", "careful"],
    ["a name in other letters", "Dana", "operator"],
    ["a name with a space", "dana ", "operator"],
    ["a name of the prototype", "constructor", "operator"],
  ])("cannot vote as %s", async (_, approver, role) => {
    const { desk, audit } = setUp();
    const { id } = await desk.submit(question({ role }));
    await expect(desk.vote(id, approve(approver))).rejects.toMatchObject({ code: "APPROVAL_NOT_ALLOWED" });
    await expect(desk.read(id, approver)).rejects.toMatchObject({ code: "APPROVAL_NOT_FOUND" });
    expect(await desk.list(approver)).toEqual([]);
    expect(audit.types()).toEqual(["approval.pending"]);
  });

  test("cannot approve their own action, nor have a namesake of another kind do it", async () => {
    const { desk } = setUp();
    for (const kind of ["user", "agent"] as const) {
      const { id } = await desk.submit(question({ principal: { kind, id: "dana" } }));
      await expect(desk.vote(id, approve("dana"))).rejects.toMatchObject({ code: "APPROVAL_NOT_ALLOWED" });
      expect((await desk.list("dana")).map((entry) => entry.id)).not.toContain(id);
    }
  });

  test("cannot have a vote for one action count for another", async () => {
    const { desk } = setUp();
    const { id } = await desk.submit(question());
    const seen = `sha256:${"cd".repeat(32)}`;
    await expect(desk.vote(id, { ...approve("dana"), actionHash: seen })).rejects.toMatchObject({
      code: "APPROVAL_WRONG_ACTION",
    });
    await desk.vote(id, { ...approve("dana"), actionHash: HASH });
    await expect(desk.wait(id, seen, never)).rejects.toMatchObject({ code: "APPROVAL_WRONG_ACTION" });
  });

  test("cannot get past the limits by asking everything at once", async () => {
    const { desk, store, audit } = setUp({ maxPending: 5, maxPendingPerPrincipal: 2 });
    const ask = async (id: string): Promise<unknown> =>
      desk.submit(question({ principal: { kind: "agent", id } }));
    const asked = await Promise.allSettled("aaaaaaaaaabbbbbbcccccddddd".split("").map(ask));
    expect(asked.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
    expect(await store.countPending()).toBe(5);
    expect(await store.countPending({ kind: "agent", id: "a" })).toBe(2);
    expect(audit.types()).toHaveLength(5);
    await expect(ask("z")).rejects.toMatchObject({ code: "APPROVAL_QUEUE_FULL" });
  });

  test("cannot use one approval twice, however many try at once", async () => {
    const { desk, store, clock } = setUp();
    const { id } = await desk.submit(question());
    await desk.vote(id, approve("dana"));
    const desks = [desk, setUp({ store, clock }).desk, setUp({ store, clock }).desk];
    const uses = await Promise.allSettled(
      Array.from({ length: 12 }, async (_, index) => desks[index % 3]?.wait(id, HASH, never)),
    );
    expect(uses.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const codes = uses.flatMap((use) =>
      use.status === "rejected" ? [(use.reason as { code: string }).code] : [],
    );
    expect(new Set(codes)).toEqual(new Set(["APPROVAL_USED"]));
  });

  test("cannot use an approval after its time", async () => {
    const { desk, clock } = setUp();
    const { id } = await desk.submit(question());
    await desk.vote(id, approve("dana"));
    clock.time = question().deadline;
    await expect(desk.wait(id, HASH, never)).rejects.toMatchObject({ code: "APPROVAL_EXPIRED" });
  });

  test("does not gain time from a clock that is put back", async () => {
    const { desk, clock } = setUp();
    const asked = desk.ask(question({ deadline: clock.time + 40 }), never);
    await onlyOne(desk);
    clock.time -= 3_600_000;
    await expect(asked).rejects.toMatchObject({ code: "APPROVAL_EXPIRED" });
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])("cannot ask for the deadline %s", async (deadline) => {
    const { desk } = setUp();
    await expect(desk.submit(question({ deadline }))).rejects.toThrow(RangeError);
  });

  test("cannot keep others from asking by asking too much", async () => {
    const { desk } = setUp({ maxPendingPerPrincipal: 3 });
    for (let count = 0; count < 3; count += 1) await desk.submit(question());
    await expect(desk.submit(question())).rejects.toMatchObject({ code: "APPROVAL_QUEUE_FULL" });
    await desk.submit(question({ principal: { kind: "agent", id: "other" } }));
    await desk.submit(question({ principal: { kind: "service", id: "worker" } }));
  });

  test("cannot have people vote at once and both win", async () => {
    const { desk } = setUp();
    const { id } = await desk.submit(question());
    const votes = await Promise.allSettled([
      desk.vote(id, approve("dana")),
      desk.vote(id, { ...approve("kim"), verdict: "deny" }),
    ]);
    expect(votes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  test("gets no approval that is not in the journal", async () => {
    const { desk, audit, store } = setUp();
    const asked = desk.ask(question(), never);
    const { id } = await onlyOne(desk);
    audit.isFull = true;
    await expect(desk.vote(id, approve("dana"))).rejects.toMatchObject({ code: "APPROVAL_NOT_RECORDED" });
    expect((await store.get(id))?.votes).toEqual([]);
    await expect(desk.submit(question())).rejects.toMatchObject({ code: "APPROVAL_NOT_RECORDED" });
    audit.isFull = false;
    await desk.vote(id, { ...approve("dana"), verdict: "deny" });
    expect((await asked).approved).toBe(false);
  });

  test("gains nothing from a store that is away", async () => {
    const inner = new MemoryApprovalStore();
    let isAway = false;
    const store = new Proxy<ApprovalStore>(inner, {
      get:
        (_, name: keyof ApprovalStore) =>
        async (...given: never[]) => {
          if (isAway) throw new Error("connection reset");
          return (inner[name] as (...values: never[]) => unknown)(...given);
        },
    });
    const { desk, clock } = setUp({ store });
    const asked = desk.ask(question({ deadline: clock.time + 50 }), never);
    const { id } = await onlyOne(desk);
    isAway = true;
    await expect(desk.vote(id, approve("dana"))).rejects.toThrow("connection reset");
    await expect(asked).rejects.toThrow("connection reset");
  });
});

describe("what approvers are shown", () => {
  const entry = (overrides: object) => ({
    id: "x",
    version: 1,
    status: "pending" as const,
    actionHash: HASH,
    role: "operator",
    quorum: 1,
    principal: { kind: "agent" as const, id: "worker" },
    action: "deploy",
    summary: { service: "web" },
    createdAt: 0,
    expiresAt: 1_700_000_000_000,
    votes: [],
    ...overrides,
  });

  test("says who, what, until when, and which action", () => {
    expect(describeApproval(entry({}))).toBe(
      [
        "agent worker wants: deploy",
        'arguments: {"service":"web"}',
        "needs: 1 of operator",
        "until: 2023-11-14T22:13:20.000Z",
        "action: abababababab",
      ].join("\n"),
    );
  });

  test("holds no control, no bidirectional and no invisible character of a stranger, and no line of theirs", () => {
    const evil = "a\u001b[2J\u009b1m\n\r\u202etxt\u200b\u2028\u{e0041}\u3164z";
    const text = describeApproval(
      entry({ action: evil, principal: { kind: "agent", id: evil }, summary: { [evil]: evil }, role: evil }),
    );
    expect(text.split("\n")).toHaveLength(5);
    expect(text.replaceAll("\n", "")).toMatch(/^[\x20-\x7e]*$/);
  });

  test("is short, whatever the arguments", () => {
    const text = describeApproval(entry({ summary: { body: "x".repeat(100_000) } }));
    expect(text.length).toBeLessThan(2000);
    expect(text).toContain("characters more)");
  });
});
