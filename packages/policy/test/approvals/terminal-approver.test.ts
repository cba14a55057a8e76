import { PassThrough } from "node:stream";
import type { ApprovalDesk } from "@symbiont/policy/approvals";
import { createTerminalApprover } from "@symbiont/policy/approvals/terminal";
import { describe, expect, test, vi } from "vitest";
import { never, onlyOne, question, setUp } from "./fixtures.ts";

describe("the terminal", () => {
  function terminal({ isTTY = true, approver = "dana" } = {}) {
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
    const holder: { desk?: ApprovalDesk } = {};
    const notifier = createTerminalApprover({
      desk: () => holder.desk as ApprovalDesk,
      approver,
      input,
      output,
    });
    const { desk, audit } = setUp({ notifiers: [notifier] });
    holder.desk = desk;
    return { input, shown, text: () => text, desk, audit };
  }

  test("approves only by the word it shows, and asks again for anything else", async () => {
    const { input, shown, desk } = terminal();
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
    const { input, shown, text, desk } = terminal();
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
    const { text, desk, audit } = terminal({ isTTY: false });
    const { id } = await desk.submit(question());
    await vi.waitFor(() => expect(audit.types()).toContain("approval.not_notified"));
    expect(text()).toBe("");
    await desk.cancel(id);
  });

  test("a vote that does not count says why", async () => {
    const { input, shown, desk } = terminal({ approver: "mallory" });
    const { id } = await desk.submit(question());
    const [, word] = await shown(/type (\w{4}) to approve/);
    input.write(`${word}\n`);
    await shown(/not counted: not an approver of this role/);
    await desk.cancel(id);
  });
});
