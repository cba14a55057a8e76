import { parseSkillDocument, SkillError } from "@symbiont/skills";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";

const word = fc.constantFrom(
  "a",
  "b c",
  "x:",
  "- y",
  "'q'",
  '"d\\n"',
  "#c",
  "|",
  ">",
  ">-",
  "|+",
  "1",
  "1.0",
  "true",
  "null",
  "~",
  "",
  "0x1f",
  "[a, b]",
  '{"k": 1}',
  "é",
  "a #b",
  "a: b",
  "...",
  "- ",
  "  ",
  "'it''s'",
  '"\\u0041"',
  "&a",
  "*a",
  "!t",
  "%",
  "a'b",
);
const line = fc.tuple(
  fc.constantFrom("", " ", "  ", "   "),
  fc.constantFrom("", "k: ", "m: ", "n:", "- "),
  word,
);

test("what is accepted means the same to another YAML reader", () => {
  let accepted = 0;
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
      const head = `name: demo\ndescription: d\n${lines.map((parts) => parts.join("")).join("\n")}\n`;
      let members: unknown;
      try {
        ({ members } = parseSkillDocument(new TextEncoder().encode(`---\n${head}---\n`)).frontmatter);
      } catch (error) {
        if (!SkillError.is(error)) throw error;
        return;
      }
      accepted += 1;
      expect(members).toEqual(parse(head, { schema: "core" }));
    }),
    { numRuns: 6_000 },
  );
  expect(accepted).toBeGreaterThan(100);
});
