import { PassThrough } from "node:stream";
import { encodeUtf8, type JsonObject, type Principal, parseJson } from "@symbiont/kit";
import type { ApprovalDesk } from "@symbiont/policy/approvals";
import { createApprovalRouter } from "@symbiont/policy/approvals/http";
import { createSlackNotifier, createSlackReceiver } from "@symbiont/policy/approvals/slack";
import { createTerminalApprover } from "@symbiont/policy/approvals/terminal";
import { createWebhookNotifier, createWebhookReceiver } from "@symbiont/policy/approvals/webhook";
import { describe, expect, test, vi } from "vitest";
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

describe("signed webhooks", () => {
  const sign = async ({ rawBody, id }: { rawBody: Uint8Array; id: string }) => ({
    rawBody,
    headers: { "webhook-id": id, "webhook-signature": "v1,signed" },
  });
  const receiver = (desk: ApprovalDesk) =>
    createWebhookReceiver({
      desk,
      verifier: {
        verify: async ({ headers, rawBody }) => {
          if (headers.get("webhook-signature") !== "v1,signed") throw new Error("bad signature");
          return { json: () => parseJson(rawBody) };
        },
      },
    });
  const answer = (body: unknown, signature = "v1,signed", method = "POST") =>
    new Request("https://gate.example/hook", {
      method,
      headers: { "webhook-signature": signature },
      ...(method === "POST" ? { body: JSON.stringify(body) } : {}),
    });

  test("carry the question out and the answer back", async () => {
    const sent: {
      url: string;
      init: { headers: Record<string, string>; body: Uint8Array; redirect: string };
    }[] = [];
    const notifier = createWebhookNotifier({
      url: "https://chat.example/hook",
      sign,
      fetch: async (url, init) => {
        sent.push({ url, init });
        return { status: 204 };
      },
    });
    const { desk } = setUp({ notifiers: [notifier] });
    const asked = desk.ask(question(), never);
    await vi.waitFor(() => expect(sent).toHaveLength(1));
    expect(sent[0]?.init).toMatchObject({ redirect: "error", headers: { "webhook-signature": "v1,signed" } });
    const { approval } = parseJson(sent[0]?.init.body as Uint8Array) as { approval: JsonObject };
    expect(approval).toMatchObject({ action: "deploy", action_hash: HASH });
    const response = await receiver(desk)(
      answer({ approval_id: approval["id"], action_hash: HASH, decision: "approve", approver: "kim" }),
    );
    expect(response.status).toBe(200);
    expect((await asked).approver).toBe("kim");
  });

  test("that are not genuine, not whole or not from an approver count for nothing", async () => {
    const { desk } = setUp();
    const { id } = await desk.submit(question());
    const handle = receiver(desk);
    const good = { approval_id: id, action_hash: HASH, decision: "approve", approver: "kim" };
    const status = async (request: Request) => (await handle(request)).status;
    expect(await status(answer(good, "forged"))).toBe(401);
    expect(await status(answer({ ...good, approver: "mallory" }))).toBe(403);
    expect(await status(answer({ ...good, action_hash: "sha256:00" }))).toBe(409);
    expect(await status(answer({ ...good, decision: "maybe" }))).toBe(400);
    expect(await status(answer({ ...good, approver: undefined }))).toBe(400);
    expect(await status(answer(undefined, "v1,signed", "GET"))).toBe(405);
    expect((await desk.read(id, "kim")).votes).toEqual([]);
  });

  test("a receiver that answers with an error is a notifier that failed, in the journal", async () => {
    const fetch = async () => ({ status: 500 });
    const notifier = createWebhookNotifier({ url: "https://chat.example", sign, fetch });
    const { desk, audit } = setUp({ notifiers: [notifier] });
    const { id } = await desk.submit(question());
    await vi.waitFor(() => expect(audit.types()).toContain("approval.not_notified"));
    await desk.cancel(id);
  });
});

describe("Slack", () => {
  const receiver = (desk: ApprovalDesk) =>
    createSlackReceiver({
      desk,
      team: "T1",
      approvers: { U1: "dana" },
      verifier: {
        verify: async ({ headers }) => {
          if (headers.get("x-slack-signature") !== "good") throw new Error("bad signature");
        },
      },
    });
  const click = (payload: unknown, signature = "good") =>
    new Request("https://gate.example/slack", {
      method: "POST",
      headers: { "x-slack-signature": signature, "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ payload: JSON.stringify(payload) }).toString(),
    });
  const payload = (value: unknown, overrides: object = {}) => ({
    type: "block_actions",
    team: { id: "T1" },
    user: { id: "U1" },
    actions: [{ action_id: "symbiont_approve", value }],
    ...overrides,
  });

  test("shows the question as plain text with two buttons, and takes the click", async () => {
    const posted: JsonObject[] = [];
    const post = async (message: JsonObject) => {
      posted.push(message);
    };
    const { desk } = setUp({ notifiers: [createSlackNotifier({ channel: "C1", post })] });
    const asked = desk.ask(question({ action: "<!channel> <https://evil.example|click> *x*" }), never);
    await vi.waitFor(() => expect(posted).toHaveLength(1));
    const [section, actions] = (posted[0] as any).blocks;
    expect(section.text).toMatchObject({ type: "plain_text", text: expect.stringContaining("<!channel>") });
    expect(JSON.stringify(posted)).not.toContain("mrkdwn");
    const button = actions.elements[0];
    const response = await receiver(desk)(
      click(payload(button.value, { actions: [{ action_id: button.action_id, value: button.value }] })),
    );
    expect(await response.json()).toMatchObject({ text: "The action is approved." });
    expect((await asked).approver).toBe("dana");
  });

  test.each<[string, (value: string) => Request, number]>([
    ["a forged click", (value) => click(payload(value), "bad"), 401],
    [
      "a click of somebody who only sees the channel",
      (value) => click(payload(value, { user: { id: "U2" } })),
      200,
    ],
    ["a click from another workspace", (value) => click(payload(value, { team: { id: "T2" } })), 200],
    [
      "a user named like a member of the prototype",
      (value) => click(payload(value, { user: { id: "constructor" } })),
      200,
    ],
    ["a click on an old message", () => click(payload(`${"0".repeat(32)} ${HASH}`)), 200],
    ["a click for another action", (value) => click(payload(value.replace("abab", "0000"))), 200],
    [
      "a button of another app",
      (value) => click(payload(value, { actions: [{ action_id: "x", value }] })),
      400,
    ],
    ["no button", (value) => click(payload(value, { actions: [] })), 400],
    ["another kind of payload", (value) => click(payload(value, { type: "view_submission" })), 400],
  ])("%s counts for nothing", async (_, make, status) => {
    const { desk } = setUp();
    const { id } = await desk.submit(question());
    expect((await receiver(desk)(make(`${id} ${HASH}`))).status).toBe(status);
    expect((await desk.read(id, "dana")).votes).toEqual([]);
  });

  test("two payloads in one body are refused, since two readers may pick different ones", async () => {
    const { desk } = setUp();
    const { id } = await desk.submit(question());
    const one = JSON.stringify(payload(`${id} ${HASH}`));
    const body = `payload=${encodeURIComponent(one)}&payload=${encodeURIComponent(one)}`;
    const request = new Request("https://gate.example/slack", {
      method: "POST",
      headers: { "x-slack-signature": "good" },
      body: encodeUtf8(body) as Uint8Array<ArrayBuffer>,
    });
    expect((await receiver(desk)(request)).status).toBe(400);
  });
});

test("a body that breaks off is a bad request, not a crash", async () => {
  const { desk } = setUp();
  const body = new ReadableStream({ pull: (controller) => controller.error(new Error("reset")) });
  const broken = () => new Request("https://gate.example/x", { method: "POST", body, duplex: "half" });
  const verifier = { verify: async () => ({ json: () => null }) };
  expect((await createWebhookReceiver({ desk, verifier })(broken())).status).toBe(400);
});

describe("the terminal", () => {
  function terminal(isTTY = true) {
    const input = Object.assign(new PassThrough(), { isTTY });
    const output = new PassThrough();
    let text = "";
    output.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    const shown = async (pattern: RegExp) =>
      vi.waitFor(() => {
        const match = pattern.exec(text);
        if (match === null) throw new Error(`not shown: ${pattern}`);
        return match;
      });
    return { input, output, shown, text: () => text };
  }

  test("approves only by the word it shows, and asks again for anything else", async () => {
    const { input, output, shown } = terminal();
    const holder: { desk?: ApprovalDesk } = {};
    const approver = createTerminalApprover({
      desk: () => holder.desk as ApprovalDesk,
      approver: "dana",
      input,
      output,
    });
    const { desk } = setUp({ notifiers: [approver] });
    holder.desk = desk;
    const asked = desk.ask(question(), never);
    const [, word] = await shown(/type (\w{4}) to approve/);
    for (const [index, wrong] of ["y", "yes", ""].entries()) {
      input.write(`${wrong}\n`);
      await shown(new RegExp(`(type \\w{4} to approve[^]*){${index + 2}}`));
    }
    expect((await desk.list("dana"))[0]?.votes).toEqual([]);
    input.write(`${word}\n`);
    expect(await asked).toMatchObject({ approved: true, approver: "dana" });
  });

  test("denies with no, asks one question after the other, and drops what was answered elsewhere", async () => {
    const { input, output, shown, text } = terminal();
    const holder: { desk?: ApprovalDesk } = {};
    const approver = createTerminalApprover({
      desk: () => holder.desk as ApprovalDesk,
      approver: "dana",
      input,
      output,
    });
    const { desk } = setUp({ notifiers: [approver] });
    holder.desk = desk;
    const first = desk.ask(question({ action: "first" }), never);
    await shown(/wants: first/);
    const second = desk.ask(question({ action: "second" }), never);
    const { id } = await onlyOne(desk);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(text()).not.toContain("wants: second");
    const open = (await desk.list("kim")).find(({ action }) => action === "first")?.id ?? id;
    await desk.vote(open, { approver: "kim", verdict: "approve", channel: "test" });
    expect((await first).approver).toBe("kim");
    await shown(/answered elsewhere/);
    await shown(/wants: second[^]*to deny/);
    input.write("no\n");
    expect(await second).toMatchObject({ approved: false, approver: "dana" });
  });

  test("asks nothing where nobody sits", async () => {
    const { input, output, text } = terminal(false);
    const holder: { desk?: ApprovalDesk } = {};
    const approver = createTerminalApprover({
      desk: () => holder.desk as ApprovalDesk,
      approver: "dana",
      input,
      output,
    });
    const { desk, audit } = setUp({ notifiers: [approver] });
    holder.desk = desk;
    const { id } = await desk.submit(question());
    await vi.waitFor(() => expect(audit.types()).toContain("approval.not_notified"));
    expect(text()).toBe("");
    await desk.cancel(id);
  });

  test("a vote that does not count says why", async () => {
    const { input, output, shown } = terminal();
    const holder: { desk?: ApprovalDesk } = {};
    const approver = createTerminalApprover({
      desk: () => holder.desk as ApprovalDesk,
      approver: "mallory",
      input,
      output,
    });
    const { desk } = setUp({ notifiers: [approver] });
    holder.desk = desk;
    const { id } = await desk.submit(question());
    const [, word] = await shown(/type (\w{4}) to approve/);
    input.write(`${word}\n`);
    await shown(/not counted: not an approver of this role/);
    await desk.cancel(id);
  });
});
