import { createRedactionStream, createRedactor, RedactError } from "@symbiont/redact";
import fc from "fast-check";
import { expect, test } from "vitest";

const KNOWN = "known value with spaces";
const redactor = createRedactor({ personalData: true });
redactor.register(KNOWN);

const secrets = [
  "sk-ant-api03-AbCdEfGhIjKlMnOpQrStUvWxYz0123456789",
  "ghp_0123456789abcdefghijklmnopqrstuvwxyz",
  "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
  "-----BEGIN RSA PRIVATE KEY-----\nAAAA BBBB CCCC DDDD EEEE FFFF GGGG HHHH IIII JJJJ KKKK\n-----END RSA PRIVATE KEY-----",
  '"password": "correct horse battery staple and many more words than are held back"',
  "Authorization: Bearer abcdefghijklmnop1234\n",
  "postgres://user:passw0rd@db:5432/x",
  "api key: abc123def456ghi789",
  "--password hunter2hunter2 ",
  "4111 1111 1111 1111",
  "+44 20 7946 0958",
  KNOWN,
  Buffer.from(KNOWN).toString("hex"),
];
const piece = fc.oneof(
  fc.constantFrom(...secrets),
  fc.constantFrom(
    "the agent read a file ",
    "max_tokens=17 ",
    "日本語のテキスト",
    "\n",
    " ",
    ", ",
    "a-b_c ",
    '{"count": 3} ',
  ),
  fc.string({ maxLength: 12 }),
);
const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(" "));
const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 });

function stream(whole: string, sizes: readonly number[]): string {
  const open = redactor.openText();
  let result = "";
  let at = 0;
  for (let turn = 0; at < whole.length; turn += 1) {
    const size = sizes[turn % sizes.length] as number;
    result += open.push(whole.slice(at, at + size));
    at += size;
  }
  return result + open.flush();
}

test("however text is cut, the pieces joined are the redacted whole", () => {
  fc.assert(
    fc.property(text, cuts, (whole, sizes) => {
      expect(stream(whole, sizes)).toBe(redactor.redactText(whole));
    }),
    { numRuns: 1_000 },
  );
});

test("one character at a time shows no part of a secret", () => {
  for (const secret of secrets) {
    const whole = `so it begins: ${secret} and here it ends, some words later than that, is it not`;
    expect(stream(whole, [1])).toBe(redactor.redactText(whole));
    expect(redactor.redactText(whole)).not.toContain(secret);
  }
});

test("clean text flows before it ends", () => {
  const open = redactor.openText();
  expect(open.push("one two three four five six seven eight nine ten eleven twelve")).not.toBe("");
  expect(open.push("文字".repeat(50))).not.toBe("");
});

test("a secret too long to hold is dropped, and what follows it is shown", () => {
  const body = `${"QUJD".repeat(16)}\n`.repeat(600);
  const whole = `start -----BEGIN PRIVATE KEY-----\n${body}-----END PRIVATE KEY----- the end of it`;
  const result = stream(whole, [997]);
  expect(result).not.toContain("QUJDQUJD");
  expect(result).toContain("[REDACTED:PRIVATE_KEY]");
  expect(result.endsWith("the end of it")).toBe(true);
});

test("a token too long to hold is dropped to its end", () => {
  const result = stream(`x sk-${"aB3".repeat(20_000)} after`, [1_000]);
  expect(result).not.toContain("aB3");
  expect(result.endsWith("after")).toBe(true);
});

test("a text that ended takes no more", () => {
  const open = redactor.openText();
  open.flush();
  for (const call of [() => open.push("x"), () => open.flush()]) {
    let caught: unknown;
    try {
      call();
    } catch (error) {
      caught = error;
    }
    expect(RedactError.is(caught) && caught.code).toBe("REDACT_STREAM_ENDED");
  }
});

test("a web stream redacts what goes through", async () => {
  const chunks = ["my key is sk-ant-api03-AbCdEfGh", "IjKlMnOpQrStUvWxYz0123456789", " thanks"];
  const source = new ReadableStream<string>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
  let result = "";
  for await (const chunk of source.pipeThrough(createRedactionStream(redactor.openText()))) result += chunk;
  expect(result).toBe("my key is [REDACTED:API_KEY] thanks");
});
