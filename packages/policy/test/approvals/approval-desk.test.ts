import type { Approver } from "@symbiont/kit";
import {
  ApprovalDesk,
  type ApprovalEntry,
  ApprovalError,
  MemoryApprovalStore,
} from "@symbiont/policy/approvals";
import { describe, expect, expectTypeOf, test } from "vitest";
import { HASH, never, onlyOne, question, setUp } from "./fixtures.ts";

const vote = (approver: string, verdict: "approve" | "deny" = "approve", reason?: string) => ({
  approver,
  verdict,
  channel: "test",
  ...(reason === undefined ? {} : { reason }),
});

describe("ApprovalDesk", () => {
  test("is the approver of a gate: asks, and gives the answer for exactly this action", async () => {
    const { desk, audit, clock } = setUp();
    expectTypeOf(desk).toExtend<Approver>();
    const asked = desk.ask(question(), never);
    const entry = await onlyOne(desk);
    clock.time += 1000;
    await desk.vote(entry.id, { ...vote("dana"), actionHash: HASH });
    expect(await asked).toEqual({
      approved: true,
      actionHash: HASH,
      role: "operator",
      approver: "dana",
      expiresAt: question().deadline,
    });
    expect(audit.types()).toEqual([
      "approval.pending",
      "approval.vote",
      "approval.approved",
      "approval.used",
    ]);
    expect(audit.records[1]).toMatchObject({
      outcome: "attempt",
      actor: { kind: "user", id: "dana" },
      resource: { kind: "approval", id: entry.id },
      data: { actionHash: HASH, verdict: "approve", channel: "test" },
    });
    expect(JSON.stringify(audit.records)).not.toContain("[redacted]");
  });

  test("one denial denies, whatever the quorum", async () => {
    const { desk, audit } = setUp();
    const asked = desk.ask(question({ role: "pair" }), never);
    const { id } = await onlyOne(desk);
    await desk.vote(id, vote("dana"));
    await desk.vote(id, vote("kim", "deny", "not on a Friday"));
    expect(await asked).toMatchObject({ approved: false, approver: "dana, kim" });
    expect(audit.types()).toContain("approval.denied");
    expect(audit.types()).not.toContain("approval.used");
  });

  test("a quorum takes that many different people", async () => {
    const { desk } = setUp();
    const asked = desk.ask(question({ role: "pair" }), never);
    const { id } = await onlyOne(desk);
    expect((await desk.vote(id, vote("dana"))).status).toBe("pending");
    await expect(desk.vote(id, vote("dana"))).rejects.toMatchObject({ code: "APPROVAL_ALREADY_VOTED" });
    expect((await desk.vote(id, vote("lee"))).status).toBe("approved");
    expect((await asked).approver).toBe("dana, lee");
  });

  test("time that runs out is a denial with a record, and later votes come too late", async () => {
    const { desk, audit, clock } = setUp();
    const asked = desk.ask(question({ deadline: clock.time + 30 }), never);
    const { id } = await onlyOne(desk);
    await expect(asked).rejects.toMatchObject({ code: "APPROVAL_EXPIRED" });
    expect(audit.types()).toEqual(["approval.pending", "approval.expired"]);
    await expect(desk.vote(id, vote("dana"))).rejects.toMatchObject({ code: "APPROVAL_EXPIRED" });
  });

  test("a vote after the deadline does not count, even before anybody has noticed it", async () => {
    const { desk, clock } = setUp();
    const entry = await desk.submit(question());
    clock.time = entry.expiresAt;
    await expect(desk.vote(entry.id, vote("dana"))).rejects.toMatchObject({ code: "APPROVAL_EXPIRED" });
  });

  test("a caller who goes away cancels the question, with a record", async () => {
    const { desk, audit } = setUp();
    const caller = new AbortController();
    const asked = desk.ask(question(), caller.signal);
    const { id } = await onlyOne(desk);
    caller.abort();
    await expect(asked).rejects.toMatchObject({ code: "APPROVAL_CANCELLED" });
    expect(audit.types()).toEqual(["approval.pending", "approval.cancelled"]);
    await expect(desk.vote(id, vote("dana"))).rejects.toMatchObject({ code: "APPROVAL_ALREADY_RESOLVED" });
    await desk.cancel(id);
    expect(audit.records).toHaveLength(2);
  });

  test("a gate whose own timer is a moment early leaves a question out of time, not one withdrawn", async () => {
    const { desk, audit, clock } = setUp();
    const caller = new AbortController();
    const asked = desk.ask(question(), caller.signal);
    await onlyOne(desk);
    clock.time = question().deadline - 1;
    caller.abort();
    await expect(asked).rejects.toMatchObject({ code: "APPROVAL_EXPIRED" });
    expect(audit.types()).toContain("approval.expired");
  });

  test("what was open when a process died expires in the next one", async () => {
    const { desk, store, clock } = setUp();
    const { id } = await desk.submit(question());
    clock.time += 200_000;
    const next = setUp({ store, clock });
    expect(await next.desk.list("dana")).toEqual([]);
    expect(next.audit.types()).toEqual(["approval.expired"]);
    expect((await store.get(id))?.status).toBe("expired");
  });

  test("an answer taken by another process is seen", async () => {
    const { desk, store, clock } = setUp();
    const asked = desk.ask(question(), never);
    const { id } = await onlyOne(desk);
    await setUp({ store, clock }).desk.vote(id, vote("kim"));
    expect((await asked).approver).toBe("kim");
  });

  test("a pending decision can be picked up later, by id and action hash", async () => {
    const { desk, store, clock } = setUp();
    const { id, actionHash } = await desk.submit(question());
    await desk.vote(id, vote("dana"));
    const later = setUp({ store, clock }).desk;
    await expect(later.wait(id, `sha256:${"00".repeat(32)}`, never)).rejects.toMatchObject({
      code: "APPROVAL_WRONG_ACTION",
    });
    expect((await later.wait(id, actionHash, never)).approved).toBe(true);
    await expect(later.wait(id, actionHash, never)).rejects.toMatchObject({ code: "APPROVAL_USED" });
  });

  test("keeps resolved questions for a while and then forgets them", async () => {
    const { desk, store, clock } = setUp({ retentionMs: 1000 });
    const { id } = await desk.submit(question());
    await desk.vote(id, vote("dana", "deny"));
    await desk.sweep();
    expect(await store.get(id)).toBeDefined();
    clock.time += 1001;
    await desk.sweep();
    expect(await store.get(id)).toBeUndefined();
    await expect(desk.vote(id, vote("dana"))).rejects.toMatchObject({ code: "APPROVAL_NOT_FOUND" });
  });

  test("refuses questions beyond what people can answer", async () => {
    const { desk, clock } = setUp({ maxPending: 2 });
    await desk.submit(question());
    await desk.submit(question());
    await expect(desk.ask(question(), never)).rejects.toMatchObject({
      code: "APPROVAL_QUEUE_FULL",
      retryable: true,
    });
    clock.time += 200_000;
    await desk.submit(question({ deadline: clock.time + 1000 }));
  });

  test("closing ends the waits and leaves the questions open", async () => {
    const { desk, store } = setUp();
    const asked = desk.ask(question(), never);
    const { id } = await onlyOne(desk);
    desk.close();
    await expect(asked).rejects.toMatchObject({ code: "APPROVAL_CLOSED" });
    expect((await store.get(id))?.status).toBe("pending");
  });

  test("limits the wait whatever deadline is asked for", async () => {
    const { desk, clock } = setUp({ maxWaitMs: 5000 });
    expect((await desk.submit(question())).expiresAt).toBe(clock.time + 5000);
  });

  test.each<[string, object]>([
    ["a quorum of nobody", { roles: { a: { approvers: ["x"], quorum: 0 } } }],
    ["a quorum that can never be reached", { roles: { a: { approvers: ["x"], quorum: 2 } } }],
    ["a role without approvers", { roles: { a: { approvers: [] } } }],
    ["one person twice", { roles: { a: { approvers: ["x", "x"] } } }],
    ["no room for a question", { maxPending: 0 }],
    ["a poll without a pause", { pollMs: 0 }],
  ])("refuses %s", (_, options) => {
    const store = new MemoryApprovalStore();
    expect(() => new ApprovalDesk({ store, roles: {}, audit: "none", ...options })).toThrow(RangeError);
  });
});

describe("notifiers", () => {
  test("run side by side; one that hangs and one that fails hold up nobody", async () => {
    const told: string[] = [];
    const { desk, audit } = setUp({
      notifiers: [
        { name: "hanging", notify: async () => new Promise(() => undefined) },
        {
          name: "broken",
          notify: async () => {
            throw new Error("no route to chat");
          },
        },
        {
          name: "good",
          notify: async ({ action }: ApprovalEntry) => {
            told.push(action);
          },
        },
      ],
    });
    const asked = desk.ask(question(), never);
    const { id } = await onlyOne(desk);
    await desk.vote(id, vote("dana"));
    expect((await asked).approved).toBe(true);
    expect(told).toEqual(["deploy"]);
    expect(audit.records.find(({ type }) => type === "approval.not_notified")?.actor.id).toBe("broken");
  });

  test("learn that a question is settled, and time that runs out is recorded though nobody waits", async () => {
    const settled: AbortSignal[] = [];
    const notifiers = [
      {
        name: "n",
        notify: async (_: ApprovalEntry, signal: AbortSignal) => {
          settled.push(signal);
        },
      },
    ];
    const { desk, audit, clock } = setUp({ notifiers });
    const { id } = await desk.submit(question());
    expect(settled[0]?.aborted).toBe(false);
    await desk.vote(id, vote("dana"));
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(settled[0]?.aborted).toBe(true);
    await desk.submit(question({ deadline: clock.time + 10 }));
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(settled[1]?.aborted).toBe(true);
    expect(audit.types().at(-1)).toBe("approval.expired");
  });
});

test("errors name what is wrong and hold nothing of the action", async () => {
  const { desk } = setUp();
  const error: unknown = await desk
    .ask(question({ role: "ghost" }), never)
    .catch((caught: unknown) => caught);
  expect(ApprovalError.is(error) && [error.code, error.message]).toEqual([
    "APPROVAL_ROLE_UNKNOWN",
    "nobody may approve for this role",
  ]);
});
