import type { ToolDefinition } from "@symbiont/kit";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { growthExponentAsync } from "../../../scripts/testing/growth.ts";
import { discoveryOf, domain, key, verifierOf } from "./fixtures.ts";

const trust = { domain, discovery: discoveryOf(key) };
const servers = new Map([
  ["files", trust],
  ["mail", { ...trust, domain }],
]);
const inputSchema = { type: "object" };

function tool(name: string, description = ""): ToolDefinition {
  return { name, description, inputSchema };
}

/** What `mail` may say of the tools of `files`, each looked for by itself in the words of the rule. */
function speaksOf(text: string, name: string): boolean {
  if (name.length < 3) return false;
  const quoted = name.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  return new RegExp(
    /^[a-z]+$/.test(name)
      ? `["'\`]${quoted}["'\`(]|\\b${quoted}(?: tool\\b|\\()`
      : `(?<![\\w.-])${quoted}(?![\\w-])`,
  ).test(text);
}

async function verifierWith(names: readonly string[]) {
  const { verifier } = verifierOf({ servers, mode: "permissive", sameNames: "warn" });
  await verifier.admit(
    names.map((name) => tool(name)),
    "files",
  );
  return verifier;
}

describe("names of other servers' tools in a description", () => {
  test("are found as the rule has it, whatever stands around them", async () => {
    const part = fc.constantFrom(
      "read",
      "a_b",
      "a.b",
      "x/y",
      "-",
      ".",
      "..",
      "_",
      " ",
      "`",
      '"',
      "(",
      " tool",
      "s",
      "9",
    );
    const name = fc.array(fc.constantFrom("read", "a_b", "a.b", ".", "_", "x/y", "9", "-"), {
      minLength: 1,
      maxLength: 3,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(
          name.map((parts) => parts.join("")),
          { minLength: 1, maxLength: 4 },
        ),
        fc.array(part, { maxLength: 12 }),
        async (names, parts) => {
          const text = parts.join("");
          const verifier = await verifierWith(names);
          const { findings } = await verifier.admit([tool("own", text)], "mail");
          const isFound = findings.some(({ code }) => code === "SCHEMAPIN_CROSS_REFERENCE");
          expect(isFound).toBe(names.some((other) => speaksOf(text, other)));
        },
      ),
      { numRuns: 500 },
    );
  });

  test("cost no more time when there are as many of them as there is text", async () => {
    const build = (size: number) => {
      const names = Array.from(
        { length: size / 64 },
        (_, index) => `tool_${"t".repeat(index % 50)}_${index}`,
      );
      const text = names.map((name) => `x${name}x`).join(" ");
      return { names, text: text.repeat(Math.ceil(size / text.length)).slice(0, size) };
    };
    const exponent = await growthExponentAsync(
      [16_384, 32_768, 65_536, 131_072],
      (size) => {
        const { names, text } = build(size);
        return { verifier: verifierWith(names), text };
      },
      async ({ verifier, text }) => (await verifier).admit([tool("own", text)], "mail"),
    );
    expect(exponent).toBeLessThan(1.5);
  });
});
