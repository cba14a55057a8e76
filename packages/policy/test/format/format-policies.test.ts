import { formatPolicies, PolicyError } from "@symbiont/policy";
import { describe, expect, test } from "vitest";

describe("formatPolicies", () => {
  test("lays rules out one a line and leaves everything else alone", () => {
    const source = `  # a file
agent  x( a:String )  {
    policy  p{allow:read( file )if file.path.starts_with( "/srv/" )deny:[ "a","b" ]
    }
}
policy empty {

}`;
    expect(formatPolicies(source)).toBe(`  # a file
agent  x( a:String )  {
  policy p {
    allow: read(file) if file.path.starts_with("/srv/")
    deny: ["a", "b"]
  }
}
policy empty {}
`);
  });

  test("keeps comments with what they stand beside, and one empty line between rules", () => {
    const source = `policy p { // first
  # about reading


  allow: read if a // why
    # in between
    && b


  require: { a: true, // one
    b: 2 }
  // the end
}
`;
    expect(formatPolicies(source)).toBe(`policy p { // first
  # about reading

  allow: read
    if a // why
    # in between
    && b

  require: {
    a: true, // one
    b: 2
  }
  // the end
}
`);
  });

  test("breaks long rules at if, operators and brackets", () => {
    const long = `policy p { allow: ["read_text_file", "list_directory", "directory_tree", "get_file_info"] if user.role == "administrator" && context.environment == "production" && context.reviewed_by != "nobody at all" }`;
    expect(formatPolicies(long)).toBe(`policy p {
  allow: ["read_text_file", "list_directory", "directory_tree", "get_file_info"]
    if user.role == "administrator"
    && context.environment == "production"
    && context.reviewed_by != "nobody at all"
}
`);
  });

  test("a line is as wide as it looks, indentation included", () => {
    for (let length = 60; length < 76; length += 1) {
      const text = formatPolicies(
        `agent a { policy p { allow: read if user.name == "${"x".repeat(length)}" } }`,
      );
      expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
      expect(text.includes("read if")).toBe(length <= 100 - '    allow: read if user.name == ""'.length);
    }
  });

  test("never makes one token of two", () => {
    const source = "policy p { allow: a if 1 .seconds == x || vault://a .b == x }";
    expect(formatPolicies(source)).toContain("if 1 .seconds == x || vault://a .b == x");
  });

  test("keeps the line ends of the file and the line feeds of its strings", () => {
    expect(formatPolicies("policy p {\r\nallow: a\r\n}\r\n")).toBe("policy p {\r\n  allow: a\r\n}\r\n");
    expect(formatPolicies('agent a {\npolicy p { allow: "a\nb" }\n}')).toContain('allow: "a\nb"');
  });

  test("a file with a mistake is refused", () => {
    expect(() => formatPolicies("policy p { allow: a and b }")).toThrow(PolicyError);
  });
});
