import { parseSkillDocument, SkillError } from "@symbiont/skills";
import { describe, expect, test } from "vitest";
import { growthExponent } from "../../../scripts/testing/growth.ts";

const parse = (text: string): ReturnType<typeof parseSkillDocument> =>
  parseSkillDocument(new TextEncoder().encode(text));
const withHead = (head: string): ReturnType<typeof parseSkillDocument> =>
  parse(`---\nname: demo\ndescription: d\n${head}\n---\nbody\n`);

function codeOf(text: string): string {
  try {
    parse(text);
  } catch (error) {
    if (SkillError.is(error)) return error.code;
    throw error;
  }
  return "accepted";
}

describe("a SKILL.md", () => {
  test("is frontmatter and body", () => {
    const { frontmatter, body } = withHead(
      [
        "license: MIT # as ever",
        "compatibility: >-",
        "  Needs Python",
        "  3.11",
        "metadata:",
        "  version: 1.10",
        '  author: "a --- b"',
        "allowed-tools: Bash(git:*, ls) Read",
      ].join("\n"),
    );
    expect(frontmatter).toMatchObject({
      name: "demo",
      description: "d",
      license: "MIT",
      compatibility: "Needs Python 3.11",
      allowedTools: ["Bash(git:*, ls)", "Read"],
    });
    expect([...frontmatter.metadata]).toEqual([
      ["version", "1.10"],
      ["author", "a --- b"],
    ]);
    expect(body).toBe("body\n");
  });

  test("may have an empty line before a value that stands below its name", () => {
    expect(withHead("compatibility:\n\n  a\n  b\n\n  c").frontmatter.compatibility).toBe("a b\nc");
    expect(withHead('compatibility:\n\n  "a\\tb"').frontmatter.compatibility).toBe("a\tb");
  });

  test("may have lines that end as on Windows", () => {
    const { frontmatter, body } = parse("---\r\nname: a\r\ndescription: b\r\n---\r\nbody\r\n");
    expect(frontmatter).toMatchObject({ name: "a", description: "b" });
    expect(body).toBe("body\r\n");
  });

  test.each([
    ["no frontmatter", "hi\n"],
    ["a BOM", "\ufeff---\nname: a\ndescription: b\n---\n"],
    ["something before it", "text\n---\nname: a\ndescription: b\n---\n"],
    ["100,000 line breaks before it", `${"\n".repeat(100_000)}---\nname: a\ndescription: b\n---\n`],
    ["no end", "---\nname: a\ndescription: b\n"],
    ["a name twice", "---\nname: a\nname: b\ndescription: b\n---\n"],
    ["an empty name", "---\nname:\ndescription: d\n---\n"],
    ["a name that is a number", "---\nname: 12\ndescription: d\n---\n"],
    ["a name in capitals", "---\nname: Demo\ndescription: d\n---\n"],
    ["a name with two hyphens", "---\nname: a--b\ndescription: d\n---\n"],
    ["a long name", `---\nname: ${"a".repeat(65)}\ndescription: d\n---\n`],
    ["no description", "---\nname: a\n---\n"],
    ["a long description", `---\nname: a\ndescription: ${"d".repeat(1025)}\n---\n`],
    ["an anchor", "---\nname: &n a\ndescription: d\n---\n"],
    ["an alias", "---\nname: a\ndescription: *n\n---\n"],
    ["a tag", "---\nname: !!str a\ndescription: d\n---\n"],
    ["a merge key", "---\nname: a\ndescription: d\n<<: {}\n---\n"],
    ["a complex key", "---\n? name\n: a\n---\n"],
    ["a prototype", "---\nname: a\ndescription: d\n__proto__: x\n---\n"],
    ["a tab", "---\nname: a\ndescription: d\nmetadata:\n\ta: b\n---\n"],
    ["a colon in a plain scalar", "---\nname: a\ndescription: use: this\n---\n"],
    ["a control character", "---\nname: a\ndescription: d\u0000\n---\n"],
    ["a lone carriage return", "---\nname: a\ndescription: d\rlicense: x\n---\n"],
    ["aliases that multiply", `---\nname: a\ndescription: d\na: &a [x, x]\nb: &b [*a, *a]\n---\n`],
    ["brackets without end", `---\nname: a\ndescription: ${"[".repeat(200_000)}\n---\n`],
    ["nesting without end", `---\nname: a\ndescription: d\n${nested(400)}---\n`],
    ["a frontmatter over its limit", `---\nname: a\ndescription: d\n#${"x".repeat(300_000)}\n---\n`],
  ])("with %s is refused", (_, text) => {
    expect(codeOf(text)).toBe("SKILL_FRONTMATTER_INVALID");
  });

  test("that is not UTF-8 is refused", () => {
    const bytes = Uint8Array.of(0x2d, 0x2d, 0x2d, 0x0a, 0xff);
    expect(() => parseSkillDocument(bytes)).toThrow(
      expect.objectContaining({ code: "SKILL_FRONTMATTER_INVALID" }),
    );
  });

  test("does not show its content in errors", () => {
    try {
      parse("---\nname: a\ndescription: d\nsecret-token-value\n---\n");
      expect.unreachable();
    } catch (error) {
      expect(String(error)).not.toContain("secret-token-value");
    }
  });
});

function nested(depth: number): string {
  return Array.from({ length: depth }, (_, index) => `${" ".repeat(index)}a:\n`).join("");
}

test.each([
  ["lines", (size: number) => "x: |\n" + " a\n".repeat(size)],
  ["folded lines", (size: number) => "x: a\n" + " a\n".repeat(size)],
  ["empty lines", (size: number) => "\n".repeat(size)],
  ["escapes", (size: number) => `x: "${"\\\\".repeat(size)}"`],
  ["blanks", (size: number) => `x: a${" ".repeat(size)}b`],
  ["hashes", (size: number) => `x: ${"a#".repeat(size)}`],
])("%s take linear time", (_, build) => {
  const exponent = growthExponent(
    [8_000, 16_000, 32_000, 64_000],
    (size) => new TextEncoder().encode(`---\nname: a\ndescription: d\n${build(size)}\n---\n`),
    (bytes) => {
      parseSkillDocument(bytes);
    },
  );
  expect(exponent).toBeLessThan(1.5);
});
