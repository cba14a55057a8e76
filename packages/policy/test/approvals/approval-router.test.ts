import type { Principal } from "@symbiont/kit";
import type { ApprovalDesk } from "@symbiont/policy/approvals";
import { createApprovalRouter } from "@symbiont/policy/approvals/http";
import { describe, expect, test } from "vitest";
import { HASH, never, onlyOne, question, setUp } from "./fixtures.ts";

const BASE = "https://gate.example/approvals";

describe("the REST router", () => {
  const users = new Map<string, Principal>([
    ["t-dana", { kind: "user", id: "dana" }],
    ["t-mallory", { kind: "user", id: "mallory" }],
    ["t-bot", { kind: "agent", id: "dana" }],
  ]);
  const router = (desk: ApprovalDesk) =>
    createApprovalRouter({
      desk,
      authenticate: async (request) => {
        const token = request.headers.get("authorization") ?? "";
        if (token === "crash") throw new Error("identity service is away");
        return users.get(token);
      },
    });
  const get = (path: string, token = "t-dana") =>
    new Request(`${BASE}${path}`, { headers: { authorization: token } });
  const post = (path: string, body: unknown, token = "t-dana", type = "application/json") =>
    new Request(`${BASE}${path}`, {
      method: "POST",
      headers: { authorization: token, "content-type": type },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  const status = async (response: Promise<Response>) => {
    const { status: code, headers } = await response;
    expect(headers.get("cache-control")).toBe("no-store");
    return code;
  };

  test("lists, shows and takes votes", async () => {
    const { desk } = setUp();
    const handle = router(desk);
    const asked = desk.ask(question(), never);
    const { id } = await onlyOne(desk);
    const { approvals } = (await (await handle(get(""))).json()) as { approvals: object[] };
    expect(approvals).toEqual([
      expect.objectContaining({ id, status: "pending", action_hash: HASH, action: "deploy", quorum: 1 }),
    ]);
    expect(await (await handle(get(`/${id}`))).json()).toEqual(approvals[0]);
    const voted = await handle(post(`/${id}/approve`, { action_hash: HASH, reason: "fine" }));
    expect(await voted.json()).toMatchObject({
      status: "approved",
      votes: [{ approver: "dana", verdict: "approve" }],
    });
    expect((await asked).approved).toBe(true);
  });

  test("answers 409 for what is answered, 410 for what is over, 404 for what is not there", async () => {
    const { desk, clock } = setUp();
    const handle = router(desk);
    const first = await desk.submit(question());
    const body = { action_hash: HASH };
    expect(await status(handle(post(`/${first.id}/deny`, body)))).toBe(200);
    const again = await handle(post(`/${first.id}/approve`, body));
    expect([again.status, await again.json()]).toEqual([
      409,
      { error: "already_resolved", code: "APPROVAL_ALREADY_RESOLVED" },
    ]);
    const second = await desk.submit(question());
    clock.time += 120_000;
    expect(await status(handle(post(`/${second.id}/approve`, body)))).toBe(410);
    const missing = await handle(post(`/${"0".repeat(32)}/approve`, body));
    expect([missing.status, await missing.json()]).toEqual([
      404,
      { error: "not_found", code: "APPROVAL_NOT_FOUND" },
    ]);
  });

  test("tells strangers nothing: for who may not answer, a question is not there", async () => {
    const { desk } = setUp();
    const handle = router(desk);
    const { id } = await desk.submit(question());
    const vote = { action_hash: HASH };
    expect(await status(handle(get("", "nobody")))).toBe(401);
    expect(await status(handle(get("", "crash")))).toBe(401);
    expect(await status(handle(get("", "t-bot")))).toBe(403);
    expect(await (await handle(get("", "t-mallory"))).json()).toEqual({ approvals: [] });
    expect(await status(handle(get(`/${id}`, "t-mallory")))).toBe(404);
    expect(await status(handle(post(`/${id}/approve`, vote, "t-mallory")))).toBe(404);
    expect(await status(handle(post(`/${id}/approve`, vote, "t-bot")))).toBe(403);
    expect((await desk.read(id, "dana")).status).toBe("pending");
  });

  test.each<[string, (id: string) => Request, number]>([
    ["no hash", (id) => post(`/${id}/approve`, {}), 400],
    ["another hash", (id) => post(`/${id}/approve`, { action_hash: "sha256:00" }), 409],
    ["duplicate names", (id) => post(`/${id}/approve`, `{"action_hash":"x","action_hash":"${HASH}"}`), 400],
    ["no JSON", (id) => post(`/${id}/approve`, "{"), 400],
    ["a list", (id) => post(`/${id}/approve`, []), 400],
    ["a reason that is no text", (id) => post(`/${id}/approve`, { action_hash: HASH, reason: 1 }), 400],
    ["a form of another site", (id) => post(`/${id}/approve`, "{}", "t-dana", "text/plain"), 415],
    ["a body without end", (id) => post(`/${id}/approve`, `"${"x".repeat(70_000)}"`), 413],
    ["a GET", (id) => get(`/${id}/approve`), 405],
    ["a path with another shape", (id) => post(`/${id}/approve/now`, { action_hash: HASH }), 404],
    ["an id in capitals", (id) => post(`/${id.toUpperCase()}A/approve`, { action_hash: HASH }), 404],
  ])("refuses a vote with %s", async (_, make, expected) => {
    const { desk } = setUp();
    const { id } = await desk.submit(question());
    expect(await status(router(desk)(make(id)))).toBe(expected);
    expect((await desk.read(id, "dana")).votes).toEqual([]);
  });

  test("asks for a reason where the role does", async () => {
    const { desk } = setUp();
    const { id } = await desk.submit(question({ role: "careful" }));
    const handle = router(desk);
    expect(await status(handle(post(`/${id}/approve`, { action_hash: HASH, reason: "  " })))).toBe(400);
    expect(await status(handle(post(`/${id}/approve`, { action_hash: HASH, reason: "ticket 7" })))).toBe(200);
  });
});
