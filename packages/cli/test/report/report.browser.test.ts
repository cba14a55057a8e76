import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { reportOf } from "./report-file.ts";
import { HOSTILE, sampleRecords } from "./sample-records.ts";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  existsSync,
);
const folder = mkdtempSync(join(tmpdir(), "report-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// The page is looked at by a real browser. Where there is none these tests are skipped: apt install chromium.
describe.skipIf(CHROMIUM === undefined)("the report in a browser", () => {
  let browser: Browser;
  const said: string[] = [];
  const asked: string[] = [];
  beforeAll(async () => {
    if (CHROMIUM !== undefined)
      browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  });
  afterAll(async () => browser?.close());

  /** Opens a report, and keeps what the page says and asks for. */
  async function open(html: string, options: Parameters<Browser["newPage"]>[0] = {}): Promise<Page> {
    const file = join(folder, `${Math.random().toString(36).slice(2)}.html`);
    writeFileSync(file, html);
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
    said.length = 0;
    asked.length = 0;
    page.on("console", (message) => said.push(message.text()));
    page.on("pageerror", (error) => said.push(error.message));
    page.on("request", (request) => asked.push(request.url()));
    await page.goto(pathToFileURL(file).href);
    return page;
  }

  test("shows a hundred thousand records with as many elements as fit on the screen", async () => {
    const page = await open(await reportOf(sampleRecords(100_000)));
    expect(await page.locator("#count").textContent()).toBe("100,000 records, newest first");
    expect(await page.locator(".spacer .row").count()).toBeLessThan(60);
    await page.locator(".viewport").focus();
    await page.keyboard.press("End");
    await expect.poll(async () => page.locator(".row.current .seq").textContent()).toBe("0");
    expect(said).toEqual([]);
    await page.close();
  });

  test("counts each call once, in totals and tables alike", async () => {
    const records = [...sampleRecords(2_000)];
    const page = await open(await reportOf(records));
    const outcomes = records.map(({ out }) => out);
    const denied = outcomes.filter((out) => out === "denied").length;
    const cards = await page.locator(".card").allInnerTexts();
    expect(cards.find((card) => card.includes("Denied"))).toContain(denied.toLocaleString("en-US"));
    const calls = await page.locator("#agents td:nth-child(2)").allInnerTexts();
    const sum = calls.reduce((total, cell) => total + Number(cell.replaceAll(",", "")), 0);
    expect(sum).toBe(outcomes.filter((out) => out !== "attempt").length);
    await page.close();
  });

  test("searches and filters, by control, table and bar, and tells how many are left", async () => {
    const records = [...sampleRecords(2_000)];
    const page = await open(await reportOf(records));
    const count = page.locator("#count");
    await page.selectOption("select[aria-label='Any outcome']", "denied");
    const denied = records.filter(({ out }) => out === "denied").length;
    expect(await count.textContent()).toBe(`${denied} of 2,000 records, newest first`);
    await page.click("text=Clear filters");
    await page.fill("input[type=search]", "report-17");
    const found = records.filter((record) => JSON.stringify(record["data"]).includes("report-17")).length;
    await expect.poll(async () => count.textContent()).toBe(`${found} of 2,000 records, newest first`);
    await page.click("text=Clear filters");
    await page.click("#tools button >> text=mail/send");
    expect(await page.locator("select[aria-label='Any tool']").inputValue()).toBe("mail/send");
    await page.click("text=Clear filters");
    await page.locator(".bucket[tabindex='0']").first().focus();
    await page.keyboard.press("Enter");
    expect(await count.textContent()).toMatch(/^\d+ of 2,000 records/);
    await page.fill("input[type=search]", "nothing has these words");
    await expect.poll(async () => page.locator(".empty").textContent()).toBe("No record fits these filters.");
    await page.close();
  });

  test("can be used with the keyboard alone", async () => {
    const page = await open(await reportOf(sampleRecords(500)));
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Skip to the records");
    await page.locator(".viewport").focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    expect(await page.locator("dialog h2").textContent()).toBe("Record 498");
    await page.keyboard.press("Escape");
    expect(await page.locator("dialog").count()).toBe(0);
    expect(await page.evaluate("document.activeElement.className")).toBe("viewport");
    await page.close();
  });

  test("has landmarks, labels and headings in order", async () => {
    const page = await open(await reportOf(sampleRecords(500)));
    const tree = await page.locator("body").ariaSnapshot();
    for (const part of [
      "banner",
      "main",
      "search",
      'grid "Records"',
      'region "Timeline"',
      'region "Agents"',
      "status",
    ])
      expect(tree).toContain(part);
    const unnamed = await page.evaluate(
      "[...document.querySelectorAll('button, select, input, [role=button]')].filter((one) => !(one.ariaLabel || one.textContent.trim())).length",
    );
    expect(unnamed).toBe(0);
    await page.close();
  });

  test.each(["light", "dark"] as const)("has enough contrast in %s", async (colorScheme) => {
    const page = await open(await reportOf(sampleRecords(500)), { colorScheme });
    const poor = await page.evaluate(contrastProblems());
    expect(poor).toEqual([]);
    await page.close();
  });

  test("shows hostile texts as text, and asks nobody for anything", async () => {
    const records = HOSTILE.flatMap((text, index) => [
      {
        v: 1,
        seq: index,
        ts: "2026-10-14T06:00:00.000Z",
        type: "tool.call",
        out: "denied",
        actor: { kind: "agent", id: text },
        act: text,
        res: { kind: "tool", id: text },
        err: { name: "Denial", code: text },
        data: { call: text, [`x${text}`]: text },
      },
    ]);
    const page = await open(await reportOf(records, { origin: HOSTILE[0], root: HOSTILE[1] }));
    for (let index = 0; index < HOSTILE.length; index += 1) {
      await page.locator(`#row-${index}`).click();
      await page.keyboard.press("Escape");
    }
    expect(
      await page.evaluate("[globalThis.owned, document.images.length, document.scripts.length]"),
    ).toEqual([undefined, 0, 2]);
    const shown = await page.locator("body").innerText();
    expect(shown).toContain("<script>globalThis.owned = 1</script>");
    expect(shown).not.toMatch(/[\u202e\u001b]/);
    expect(asked).toHaveLength(1);
    expect(said).toEqual([]);
    await page.close();
  });

  test("lets in no script but its own", async () => {
    const page = await open(`${await reportOf([])}<script>globalThis.owned = 1</script>`);
    expect(await page.evaluate("globalThis.owned")).toBeUndefined();
    expect(said.join()).toContain("Content Security Policy");
    await page.close();
  });

  test.each([
    [
      { ok: false, code: "AUDIT_CORRUPT", message: "a record was changed", record: 7 },
      "bad",
      "does not verify: a record was changed",
    ],
    [{ open: [3] }, "care", "attempts without an outcome: 1"],
    [{ anchors: 0 }, "care", "no checkpoint kept elsewhere"],
    [{}, "good", "The chain is whole"],
  ])("says how the chain is: %o", async (status, className, words) => {
    const page = await open(await reportOf(sampleRecords(10), status));
    expect(await page.locator("#status").getAttribute("class")).toBe(className);
    expect(await page.locator("#status").innerText()).toContain(words);
    expect(await page.locator("#records").isVisible()).toBe(className !== "bad");
    await page.close();
  });
});

/** Texts whose contrast with what is behind them is below 4.5, after the formula of WCAG 2. */
function contrastProblems(): string {
  return `(() => {
    const rgb = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
    const light = ([r, g, b]) => [r, g, b].map((c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
      .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const behind = (element) => {
      for (let one = element; one; one = one.parentElement) {
        const [r, g, b, a = 1] = rgb(getComputedStyle(one).backgroundColor);
        if (a > 0) return [r, g, b];
      }
      return [255, 255, 255];
    };
    const found = [];
    for (const element of document.querySelectorAll("body *")) {
      if (![...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== "")) continue;
      if (element.closest("script, style, noscript, option, .skip, :disabled") || element.offsetParent === null) continue;
      const [one, other] = [light(rgb(getComputedStyle(element).color)), light(behind(element))].sort((a, b) => b - a);
      const ratio = (one + 0.05) / (other + 0.05);
      if (ratio < 4.5) found.push(element.className + " " + element.textContent.slice(0, 20) + " " + ratio.toFixed(2));
    }
    return [...new Set(found)];
  })()`;
}
