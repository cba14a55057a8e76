import { expect, onTestFinished, test } from "vitest";
import { CallTime } from "../src/vault/internal/call-time.ts";

test("work that fails after nobody waits for it any more does not end the process", async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on("unhandledRejection", note);
  onTestFinished(() => void process.off("unhandledRejection", note));

  const caller = new AbortController();
  const closed = new AbortController().signal;
  const waiting = CallTime.within({ budgetMs: 1_000, caller: caller.signal, closed }, async (time) => {
    caller.abort();
    await time.until(Promise.reject(new Error("late")));
  });
  await expect(waiting).rejects.toMatchObject({ code: "SECRET_ABORTED" });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(unhandled).toEqual([]);
});
