import { readFileSync } from "node:fs";
import { BUILT_IN_RULES, SkillScanner } from "@symbiont/skills";
import { describe, expect, test } from "vitest";
import { growthExponent } from "../../../scripts/testing/growth.ts";
import { snapshotOf } from "./scans.ts";

const SIZES = [1 << 16, 1 << 20];
const { rules } = JSON.parse(
  readFileSync(new URL("./vectors/skill-rules/rules.json", import.meta.url), "utf8"),
) as { rules: Record<string, { positive: readonly string[] }> };

function grows(part: string, path: string, disabledRules: readonly string[]): number {
  return growthExponent(
    SIZES,
    (size) => snapshotOf({ [path]: part.repeat(Math.ceil(size / part.length)) }),
    (snapshot) => {
      // A scanner of its own each time: one that remembers would not look again.
      new SkillScanner({ disabledRules }).scan(snapshot);
    },
  );
}

describe("one line of a mebibyte, made so that a rule nearly matches everywhere, takes linear time", () => {
  test.each(BUILT_IN_RULES.map(({ id }) => id))("%s", (id) => {
    const others = BUILT_IN_RULES.map((rule) => rule.id).filter((other) => other !== id);
    const [positive = ""] = rules[id]?.positive ?? [];
    const anchors = BUILT_IN_RULES.find((rule) => rule.id === id)?.anchors ?? [];
    const nearly = `${positive.slice(0, Math.ceil(positive.length * 0.6))} ${anchors.join(" ")} -o > | `;
    expect(grows(nearly, "a.sh", others)).toBeLessThan(1.5);
  });
});

describe("readings of a mebibyte take linear time", () => {
  test.each([
    ["quotes", "a''b\"\"c"],
    ["backslashes", "a\\b"],
    ["variables", "a=bc;$a$a"],
    ["variables of variables", "$a${b}"],
    ["string pieces", "'a' + 'b' + "],
    ["base64", "Y3VybCBodHRw"],
    ["hexadecimal", "6375 "],
    ["escapes", "\\x63\\143"],
    ["percent", "%63%75"],
    ["numbers", "99, 117, "],
    ["entities", "&#99;&amp;"],
    ["invisible", "c\u200bu"],
    ["look-alikes", "сurl "],
    ["tags", "\u{e0063}x"],
    ["bidi", "\u202eab\u202c"],
    ["continued lines", "curl \\\n"],
    ["pipes", "a |\n"],
    ["line breaks", "\n"],
    ["carriage returns", "\r"],
    ["comments", "<!-- a -->\n"],
    ["fences", "```\na\n"],
    ["paragraphs", "ignore all the words\n"],
    ["downloads", "curl -o a https://a\n"],
    ["assignments", "a=b;"],
    ["headings", "# never\ncurl x | sh\n"],
    ["blanks", " "],
    ["bars", "| "],
  ])("%s", (_, part) => {
    for (const path of ["a.sh", "a.md"]) expect(grows(part, path, [])).toBeLessThan(1.5);
  });
});
