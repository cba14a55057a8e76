import { encodeUtf8 } from "@symbiont/kit";
import { locate, parsePolicies } from "@symbiont/policy";
import { describe, expect, test } from "vitest";
import { refusal } from "./refusal.ts";

const block = (body: string) => `policy p {\n${body}\n}`;

describe("parsePolicies", () => {
  test("knows where every rule and expression starts", () => {
    const source =
      'agent x {\r\n  policy p {\r\n    allow: read(file)\r\n      if file.path == "/tmp"\r\n  }\r\n}\r\n';
    const file = parsePolicies(source, { file: "x.symbi" });
    const rule = file.policies[0]?.rules[0];
    expect(file.file).toBe("x.symbi");
    expect(locate(source, rule?.at ?? -1)).toEqual({ line: 3, column: 5 });
    expect(locate(source, rule?.target.at ?? -1)).toEqual({ line: 3, column: 12 });
    expect(locate(source, rule?.guard?.at ?? -1)).toEqual({ line: 4, column: 10 });
  });

  test("reads bytes as UTF-8, with or without a byte order mark", () => {
    const source = block('allow: "é"');
    expect(parsePolicies(encodeUtf8(`\ufeff${source}`))).toEqual(parsePolicies(source));
    expect(parsePolicies(`\ufeff${source}`)).toEqual(parsePolicies(source));
  });

  test("decodes the escapes of strings and keeps unknown ones as they are", () => {
    const target = parsePolicies(block(String.raw`allow: "a\"b\\c\n\t\r\q"`)).policies[0]?.rules[0]?.target;
    expect(target).toMatchObject({ kind: "string", value: 'a"b\\c\n\t\r\\q' });
  });

  test("reports several mistakes at once, each with its place", () => {
    const error = refusal(() =>
      parsePolicies(block("allow: a and b\ndeny: c\nthrottle: f\naudit: [d e]"), { file: "x" }),
    );
    expect(error.code).toBe("POLICY_SYNTAX");
    expect(error.diagnostics).toMatchObject([
      { file: "x", line: 2, column: 10, hint: "use && instead of and" },
      { line: 4, column: 1 },
      { line: 5, column: 11 },
    ]);
    expect(error.message).toContain("x:2:10");
    expect(error.message).toContain("2 more");
  });

  test("reports no more than 20 mistakes", () => {
    const error = refusal(() => parsePolicies(block("allow: a and b\n".repeat(100))));
    expect(error.diagnostics).toHaveLength(20);
  });

  test.each([
    ["allow: a and b", "use && instead of and"],
    ["allow: a or b", "use || instead of or"],
    ["allow: a contains b", "write list.contains(value)"],
    ["audit: a with b", "there is no with clause; put settings into a record: { key: value }"],
    ["deny: a without b", "there is no without clause; write: if not condition"],
    ["require: [a = b]", "compare with =="],
    ["allow: a /* b */", "start each comment line with // or #"],
    ["allow: 'a'", 'strings are written with "double quotes"'],
    ["allow: a if b & c", "use && for and"],
    ["allow: a if b > 90_days", 'quote sizes and times that are not literals, such as "90_days" or "1MB"'],
    ["allow: a if b > 10ms", 'quote sizes and times that are not literals, such as "90_days" or "1MB"'],
  ])("gives a hint for %s", (rule, hint) => {
    expect(refusal(() => parsePolicies(block(rule))).diagnostics[0]?.hint).toBe(hint);
  });

  test("refuses the whole file for a mistake in any of its blocks", () => {
    const source = "policy good { allow: read }\npolicy bad { deny: read without approval }";
    expect(refusal(() => parsePolicies(source)).code).toBe("POLICY_SYNTAX");
  });

  test("accepts everything the reference grammar has around blocks", () => {
    const source = `
      # comment
      metadata { version = "1", author: "x", tags = ["a"] }
      type Point = { x: int, y: int }
      type Name = String
      function f(a: Map<String, int>) -> Result<A, B> { let policy = 1; return a; }
      agent worker(input: String) -> Out {
        capabilities = ["read"]
        function g() { return 1; }
        policy inner { allow: read }
        with memory = "x", timeout = 30.seconds, tags = ["a"] { policy.name; }
      }
      channel c { platform: "slack", tags = ["a"] policy guard { deny: write } data_classification { a: b, } }
      schedule s { cron: "0 * * * *" }
      memory m { search { k 1 } }
      webhook w { path "/h" filter { a "b" } }`;
    expect(parsePolicies(source).policies.map(({ name, container }) => ({ name, container }))).toEqual([
      { name: "inner", container: { kind: "agent", name: "worker" } },
      { name: "guard", container: { kind: "channel", name: "c" } },
    ]);
  });

  test("counts the limits as documented", () => {
    const nested = (depth: number) => block(`allow: a if ${"(".repeat(depth)}b${")".repeat(depth)}`);
    expect(parsePolicies(nested(64)).policies).toHaveLength(1);
    expect(refusal(() => parsePolicies(nested(65))).code).toBe("POLICY_TOO_LARGE");
    expect(parsePolicies(block("allow: a\n".repeat(4096))).policies[0]?.rules).toHaveLength(4096);
    expect(refusal(() => parsePolicies(block("allow: a\n".repeat(4097)))).code).toBe("POLICY_TOO_LARGE");
    expect(parsePolicies(block(`allow: "${"x".repeat(65536)}"`)).policies).toHaveLength(1);
    expect(refusal(() => parsePolicies(block(`allow: "${"x".repeat(65537)}"`))).code).toBe(
      "POLICY_TOO_LARGE",
    );
    const filled = (size: number) => block("allow: a").padEnd(size, " ");
    expect(parsePolicies(filled(256 * 1024)).policies).toHaveLength(1);
    expect(refusal(() => parsePolicies(filled(256 * 1024 + 1))).code).toBe("POLICY_TOO_LARGE");
    const chain = (terms: number) =>
      block(`allow: a if ${Array.from({ length: terms }, () => "b").join(" || ")}`);
    expect(parsePolicies(chain(900)).policies).toHaveLength(1);
    expect(refusal(() => parsePolicies(chain(2000))).code).toBe("POLICY_TOO_LARGE");
    const nodes = (count: number) => block("allow: [a,a,a,a,a,a,a,a,a]\n".repeat(count));
    expect(parsePolicies(nodes(2000)).policies).toHaveLength(1);
    expect(refusal(() => parsePolicies(nodes(2001))).code).toBe("POLICY_TOO_LARGE");
  });
});
