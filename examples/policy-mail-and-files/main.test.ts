import { readdirSync, readFileSync } from "node:fs";
import { formatPolicies, lintPolicies, parsePolicies } from "@symbiont/policy";
import { expect, test } from "vitest";
import { mailAndFiles } from "./main.ts";

test("every expectation of the example holds", async () => {
  const lines: string[] = [];
  await mailAndFiles((held, what) => lines.push(`${held ? "ok" : "FAILED"} ${what}`));
  expect(lines.filter((line) => !line.startsWith("ok "))).toEqual([]);
  expect(lines.length).toBeGreaterThanOrEqual(14);
});

test("the policies are laid out the standard way, and lint has nothing to say", () => {
  const folder = new URL("policies/", import.meta.url);
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".symbi"),
  );
  expect(names.sort()).toEqual([
    "chat/approval.symbi",
    "files.symbi",
    "mail.symbi",
    "schedule/unattended.symbi",
  ]);
  const parsed = names.map((name) => {
    const text = readFileSync(new URL(name, folder), "utf8");
    expect(formatPolicies(text)).toBe(text);
    return parsePolicies(text, { file: name });
  });
  const chat = parsed.filter(({ file }) => !file.startsWith("schedule/"));
  const known = {
    roots: ["args", "workspace", "session"],
    operations: ["read_text_file", "list_directory", "write_file", "send_mail"],
  };
  expect(lintPolicies(chat, known)).toEqual([]);
});
