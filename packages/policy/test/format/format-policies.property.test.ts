import { readFileSync } from "node:fs";
import { formatPolicies, type PolicyFile, parsePolicies } from "@symbiont/policy";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ruleText } from "../arbitraries.ts";

const space = fc.constantFrom(" ", "  ", "\n", "\n\n\n", " // note\n", "\n# note\n", "\t");

/** A block with anything that may stand between tokens between some of them. */
const blockText = fc
  .tuple(fc.array(ruleText, { maxLength: 5 }), fc.array(space, { minLength: 8, maxLength: 8 }))
  .map(([rules, spaces]) => {
    let count = 0;
    const gap = () => spaces[count++ % spaces.length] as string;
    return `policy p {${rules.map((rule) => `${gap()}${rule.replaceAll(" ", gap)}`).join("")}${gap()}}`;
  });

describe("formatting", () => {
  test("changes no meaning, and nothing the second time", () => {
    fc.assert(
      fc.property(blockText, (source) => {
        const formatted = formatPolicies(source);
        expect(tree(parsePolicies(formatted))).toEqual(tree(parsePolicies(source)));
        expect(formatPolicies(formatted)).toBe(formatted);
      }),
      { numRuns: 3000 },
    );
  });

  test.each(["blocks", "cases"] as const)("holds for every published or constructed text: %s", (kind) => {
    for (const source of texts(kind)) {
      const formatted = formatPolicies(source);
      expect(tree(parsePolicies(formatted))).toEqual(tree(parsePolicies(source)));
      expect(formatPolicies(formatted)).toBe(formatted);
      expect(comments(formatted)).toEqual(comments(source));
    }
  });
});

/** The tree without places, as text. */
function tree(file: PolicyFile): string {
  return JSON.stringify(file.policies, (key, value: unknown) => (key === "at" ? undefined : value));
}

/** The lines that start with a comment: none may get lost. */
function comments(text: string): readonly string[] {
  return [...text.matchAll(/^\s*((?:\/\/|#).*)$/gm)].map(([, comment = ""]) => comment.trim());
}

function texts(kind: "blocks" | "cases"): readonly string[] {
  const read = (name: string) =>
    JSON.parse(readFileSync(new URL(`../vectors/policy/${name}.json`, import.meta.url), "utf8"));
  return kind === "blocks"
    ? read("symbi-policy-blocks").blocks.flatMap((block: any) => (block.expect.accept ? [block.source] : []))
    : read("symbi-containers").cases.flatMap((each: any) => (each.expect.accept ? [each.source] : []));
}
