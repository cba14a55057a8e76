import { createRedactor } from "@symbiont/redact";
import { attributeText, redactAttributes } from "@symbiont/redact/otel";
import { redactionOptions } from "@symbiont/redact/pino";
import pino from "pino";
import { expect, test } from "vitest";

const SECRET = "s3cret-canary-value";
const redactor = createRedactor();

test("nothing that pino writes holds a secret", () => {
  const lines: string[] = [];
  const log = pino(
    { ...redactionOptions(redactor), level: "trace" },
    { write: (line: string) => lines.push(line) },
  );
  const error = Object.assign(new Error(`password=${SECRET}`), { token: SECRET });
  log.info({ password: SECRET, deep: { body: JSON.stringify({ token: SECRET }) } }, `api_key=${SECRET}`);
  log.info("with %s and %j", `token=${SECRET}`, { password: SECRET });
  log.error(error);
  log.error({ err: error });
  log.error({ err: error }, "said");
  log.child({ authorization: SECRET }).warn({ n: 1 }, "child");
  expect(lines).toHaveLength(6);
  expect(lines.join("")).not.toContain(SECRET);
  expect(JSON.parse(lines[2] ?? "")).toMatchObject({ msg: "password=[REDACTED]", err: { type: "Error" } });
  expect(JSON.parse(lines[5] ?? "")).toMatchObject({ n: 1, msg: "child" });
});

test("span attributes stay attributes", () => {
  const attributes = {
    "gen_ai.tool.name": "read",
    "gen_ai.tool.call.arguments": JSON.stringify({ password: SECRET }),
    list: ["a", `token=${SECRET}`],
    mixed: [1, { password: SECRET }],
    api_key: SECRET,
    gone: undefined,
  };
  const safe = redactAttributes(redactor, attributes);
  expect(JSON.stringify(safe)).not.toContain(SECRET);
  expect(safe).toMatchObject({ "gen_ai.tool.name": "read", list: ["a", "token=[REDACTED]"] });
  expect(typeof safe["mixed"]).toBe("string");
  expect(safe).not.toHaveProperty("gone");
});

test("arguments become the text of one attribute, by their schema", () => {
  const schema = { properties: { note: { writeOnly: true } } };
  expect(attributeText(redactor, { note: SECRET, n: 1 }, schema)).toBe('{"note":"[REDACTED:note]","n":1}');
});
