import fc from "fast-check";

// Random rule text: expressions over a small vocabulary, so that names, members and types meet often.

const name = fc.constantFrom("a", "b", "file", "user", "tags", "s", "ghost", "in", "__proto__");
const memberName = fc.constantFrom("id", "role", "level", "tags", "length", "constructor", "if");
const literal = fc.constantFrom(
  '"x"',
  '"admin"',
  '"a,b"',
  "0",
  "1",
  "1.0",
  "2_0",
  "30d",
  "60.minutes",
  "1h",
  "true",
  "false",
);

const path = fc.oneof(
  name,
  fc.constant('"a,b"'),
  fc.tuple(name, memberName).map(([a, b]) => `${a}.${b}`),
);

/** Text of one expression. */
export const expressionText: fc.Arbitrary<string> = fc.letrec<{ any: string; leaf: string }>((tie) => ({
  leaf: fc.oneof(
    literal,
    name,
    fc.tuple(name, memberName).map(([a, b]) => `${a}.${b}`),
  ),
  any: fc.oneof(
    { maxDepth: 5, depthIdentifier: "expression" },
    tie("leaf"),
    fc
      .tuple(
        tie("any"),
        fc.constantFrom("||", "&&", "==", "!=", "in", "<", ">", "<=", ">=", "+", "-", "*", "/", "%"),
        tie("any"),
      )
      .map(([a, operator, b]) => `${a} ${operator} ${b}`),
    tie("any").map((a) => `not ${a}`),
    tie("any").map((a) => `-${a}`),
    tie("any").map((a) => `(${a})`),
    fc.array(tie("any"), { maxLength: 3 }).map((items) => `[${items.join(", ")}]`),
    fc.tuple(tie("any"), tie("any")).map(([a, b]) => `{ k: ${a}, id: ${b} }`),
    fc.tuple(path, memberName).map(([a, b]) => `${a}.${b}`),
    fc.tuple(path, tie("any")).map(([a, b]) => `${a}[${b}]`),
    fc
      .tuple(path, fc.constantFrom("contains", "starts_with", "ends_with", "nothing"), tie("any"))
      .map(([a, f, b]) => `${a}.${f}(${b})`),
    fc
      .tuple(
        fc.constantFrom("tags", "user.tags", '["x", "admin"]'),
        fc.constantFrom("map", "any", "all"),
        tie("any"),
      )
      .map(([list, f, body]) => `${list}.${f}(s => ${body})`),
    fc.tuple(tie("any"), tie("any"), tie("any")).map(([a, b, c]) => `if (${a}) { ${b} } else { ${c} }`),
  ),
})).any;

const target = fc.constantFrom(
  "read",
  '"read"',
  '"*"',
  '["write", read(file)]',
  "read(any)",
  "read(file, a)",
  'read("x")',
  "write",
);
const requirement = fc.oneof(
  fc.constantFrom("mfa", "{ mfa: true, level: 1 }", 'approval("boss")', '{ tags: ["x"] }'),
  expressionText.map((text) => `[${text}]`),
);
const guard = fc
  .option(expressionText, { nil: undefined })
  .map((text) => (text === undefined ? "" : ` if ${text}`));

/** Text of one rule. */
export const ruleText: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.tuple(fc.constantFrom("allow", "deny"), target, guard).map(([a, t, g]) => `${a}: ${t}${g}`),
  },
  fc.tuple(requirement, guard).map(([t, g]) => `require: ${t}${g}`),
);

const value = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 2 },
    fc.constantFrom("x", "admin", "a,b", 0, 1, 20, true, false, null),
    fc.array(tie("any"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("id", "role", "level", "tags"), tie("any"), { maxKeys: 4 }),
  ),
})).any;

/** A request over the same vocabulary. */
export const request: fc.Arbitrary<{
  op: string;
  subjects: unknown[];
  scope: Record<string, unknown>;
  assurances: Record<string, unknown>;
  approvals: string[];
}> = fc.record({
  op: fc.constantFrom("read", "read", "read", "write", "other"),
  subjects: fc.array(value, { maxLength: 2 }),
  scope: fc.dictionary(fc.constantFrom("a", "b", "file", "user", "tags", "in"), value, { maxKeys: 6 }),
  assurances: fc.dictionary(fc.constantFrom("mfa", "level", "tags"), value, { maxKeys: 3 }),
  approvals: fc.subarray(["boss"]),
});
