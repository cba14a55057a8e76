import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateError, createProject } from "@symbiont/create";
import { importPrivateKeyPem } from "@symbiont/keys";
import {
  compilePolicies,
  createDecisionPoint,
  parsePolicies,
  parsePolicyCases,
  runPolicyCases,
} from "@symbiont/policy";
import { afterEach, beforeEach, expect, test } from "vitest";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "create-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const read = (path: string): string => readFileSync(path, "utf8");

test("writes a project with a key of its own that only its owner can read", () => {
  const one = createProject(join(folder, "one"));
  const other = createProject(join(folder, "other"));
  const keys = [one, other].map((path) => importPrivateKeyPem(read(join(path, ".symbiont/audit-key.pem"))));
  expect(keys.map(({ publicKey }) => publicKey.algorithm)).toEqual(["Ed25519", "Ed25519"]);
  expect(keys[0]?.publicKey.fingerprint).not.toBe(keys[1]?.publicKey.fingerprint);
  expect(statSync(join(one, ".symbiont/audit-key.pem")).mode & 0o777).toBe(0o600);
  expect(read(join(one, ".gitignore"))).toContain(".symbiont/");
  expect(JSON.parse(read(join(one, "package.json")))).toMatchObject({ name: "one", private: true });
});

test("writes rules that pass their test", async () => {
  const path = createProject(join(folder, "agent"));
  const point = createDecisionPoint(
    compilePolicies([parsePolicies(read(join(path, "policies/agent.symbi")))]),
  );
  const report = await runPolicyCases(parsePolicyCases(read(join(path, "policies.test.json"))), point);
  expect([report.passed, report.failed]).toEqual([3, 0]);
});

test("asks for the versions that are released together", () => {
  const { version } = JSON.parse(read(new URL("../package.json", import.meta.url).pathname)) as {
    version: string;
  };
  const path = createProject(join(folder, "agent"));
  const { dependencies } = JSON.parse(read(join(path, "package.json"))) as {
    dependencies: Record<string, string>;
  };
  const ours = Object.entries(dependencies).filter(([name]) => name.startsWith("@symbiont/"));
  expect(new Set(ours.map(([, range]) => range))).toEqual(new Set([`^${version}`]));
});

test("writes nothing into a folder that holds something", () => {
  mkdirSync(join(folder, "taken"));
  writeFileSync(join(folder, "taken", "main.js"), "mine");
  expect(() => createProject(join(folder, "taken"))).toThrow(CreateError);
  expect(read(join(folder, "taken", "main.js"))).toBe("mine");
});

test.each(["a b", "x;y", "-x", "\u001b[2J"])("refuses the name %j", (name) => {
  expect(() => createProject(join(folder, name))).toThrow(CreateError);
});
