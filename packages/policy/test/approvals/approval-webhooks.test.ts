import { encodeUtf8, type JsonObject, parseJson } from "@symbiont/kit";
import type { ApprovalDesk } from "@symbiont/policy/approvals";
import { createSlackNotifier, createSlackReceiver } from "@symbiont/policy/approvals/slack";
import { createWebhookNotifier, createWebhookReceiver } from "@symbiont/policy/approvals/webhook";
import { describe, expect, test, vi } from "vitest";
import { HASH, never, question, setUp } from "./fixtures.ts";

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
    const [section, actions] = posted[0]?.["blocks"] as unknown as [
      { readonly text: object },
      { readonly elements: readonly [{ readonly value: string; readonly action_id: string }] },
    ];
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

  test("whoever clicked is told what came of it, at Slack's address and no other", async () => {
    const { desk } = setUp();
    const told: [string, JsonObject][] = [];
    const handle = createSlackReceiver({
      desk,
      team: "T1",
      approvers: { U1: "dana" },
      verifier: { verify: async () => undefined },
      respond: async (url, message) => {
        told.push([url, message]);
        throw new Error("slack is away");
      },
    });
    const { id } = await desk.submit(question());
    const good = "https://hooks.slack.com/actions/T1/1/x";
    for (const response_url of [
      good,
      "https://hooks.slack.com.evil.example/",
      "http://hooks.slack.com/",
      1,
    ]) {
      expect((await handle(click(payload(`${id} ${HASH}`, { response_url })))).status).toBe(200);
    }
    expect(told).toEqual([[good, expect.objectContaining({ text: "The action is approved." })]]);
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
