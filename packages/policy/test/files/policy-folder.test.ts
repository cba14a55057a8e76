import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PolicyFolder } from "@symbiont/policy/files";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

const notRoot = process.getuid?.() === 0 ? " (skipped: root reads everything)" : "";
let folder = "";
let opened: PolicyFolder[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "policy-folder-"));
});
afterEach(() => {
  for (const each of opened) each.close();
  opened = [];
  rmSync(folder, { recursive: true, force: true });
});

async function open(options: Parameters<typeof PolicyFolder.open>[1] = {}): Promise<PolicyFolder> {
  const policies = await PolicyFolder.open(folder, { intervalMs: 10, ...options });
  opened.push(policies);
  return policies;
}
const write = (name: string, rules: string): void =>
  writeFileSync(join(folder, name), `policy p { ${rules} }`, { mode: 0o644 });
const effect = (policies: PolicyFolder, op: string, entryPoint?: string): string =>
  policies.at(entryPoint).evaluate({ op }).effect;

describe("PolicyFolder", () => {
  test("puts a folder in force, and every later state of it", async () => {
    write("a.symbi", "allow: read");
    let swapped = 0;
    const policies = await open({ onSwapped: () => void (swapped += 1) });
    expect([effect(policies, "read"), effect(policies, "write")]).toEqual(["allow", "deny"]);
    write("b.symbi", "allow: write deny: read");
    await vi.waitFor(() =>
      expect([effect(policies, "read"), effect(policies, "write")]).toEqual(["deny", "allow"]),
    );
    rmSync(join(folder, "b.symbi"));
    await vi.waitFor(() => expect(effect(policies, "read")).toBe("allow"));
    expect(swapped).toBe(3);
    expect(policies.error).toBeUndefined();
  });

  test("keeps the old policies while a file is half written, and takes over the finished one", async () => {
    write("a.symbi", "allow: read");
    const errors: unknown[] = [];
    const policies = await open({ onRefused: (error) => errors.push(error) });
    writeFileSync(join(folder, "a.symbi"), "policy p { allow: write deny: re");
    await vi.waitFor(() => expect(policies.error).toMatchObject({ code: "POLICY_SYNTAX" }));
    expect(effect(policies, "read")).toBe("allow");
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(errors).toHaveLength(1);
    write("a.symbi", "allow: write deny: read");
    await vi.waitFor(() => expect(effect(policies, "write")).toBe("allow"));
    expect(effect(policies, "read")).toBe("deny");
  });

  test("never shows a decision a mixture of two deployments", async () => {
    write("a.symbi", "allow: one allow: two");
    const policies = await open();
    for (let round = 0; round < 20; round += 1) {
      const [op, other] = round % 2 === 0 ? ["one", "two"] : ["two", "one"];
      const next = join(folder, ".next");
      writeFileSync(next, `policy p { allow: ${op} deny: ${other} }`, { mode: 0o644 });
      renameSync(next, join(folder, "a.symbi"));
      await vi.waitFor(() => {
        const { effect: first, policySet } = policies.at().evaluate({ op });
        const second = policies.at().evaluate({ op: other });
        expect(second.policySet).toBe(policySet);
        expect([first, second.effect]).toEqual(["allow", "deny"]);
      });
    }
  });

  test("denies everything when there was never anything sound, and recovers", async () => {
    writeFileSync(join(folder, "a.symbi"), "policy p { allow", { mode: 0o644 });
    const policies = await open();
    expect(policies.at().evaluate({ op: "read" })).toMatchObject({ effect: "deny", code: "policy.parse" });
    write("a.symbi", "allow: read");
    await policies.refresh();
    expect(effect(policies, "read")).toBe("allow");
  });

  test.each<[string, () => void, string]>([
    ["that others may write", () => chmodSync(join(folder, "b.symbi"), 0o666), "FILE_NOT_PRIVATE"],
    [
      "that is a symbolic link",
      () => {
        rmSync(join(folder, "b.symbi"));
        symlinkSync("a.symbi", join(folder, "b.symbi"));
      },
      "FILE_IS_SYMLINK",
    ],
    [
      "that is a folder",
      () => {
        rmSync(join(folder, "b.symbi"));
        mkdirSync(join(folder, "b.symbi"));
      },
      "FILE_NOT_REGULAR",
    ],
    [
      "that is too large",
      () => writeFileSync(join(folder, "b.symbi"), " ".repeat(300_000)),
      "FILE_TOO_LARGE",
    ],
  ])("a file %s spoils the whole set, since a deny may stand in it", async (_, spoil, code) => {
    write("a.symbi", "allow: read");
    write("b.symbi", "deny: read");
    const policies = await open();
    spoil();
    await policies.refresh();
    expect(policies.error).toMatchObject({ code });
    expect(effect(policies, "read")).toBe("deny");
  });

  test.skipIf(notRoot !== "")(`a file that cannot be read spoils the whole set${notRoot}`, async () => {
    write("a.symbi", "allow: read");
    write("b.symbi", "deny: read");
    chmodSync(join(folder, "b.symbi"), 0);
    const policies = await open();
    expect(policies.error).toMatchObject({ code: "FILE_ACCESS_DENIED" });
    expect(effect(policies, "read")).toBe("deny");
  });

  test("a deny does not get lost over a capital letter in the name of its file", async () => {
    write("a.symbi", "allow: read");
    write("b.SYMBI", "deny: read");
    expect(effect(await open(), "read")).toBe("deny");
  });

  test("a folder that is not there denies, reports once, and is taken over when it appears", async () => {
    rmSync(folder, { recursive: true });
    const errors: unknown[] = [];
    const policies = await open({ onRefused: (error) => errors.push(error) });
    expect(effect(policies, "read")).toBe("deny");
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(errors).toHaveLength(1);
    mkdirSync(folder, { mode: 0o700 });
    write("a.symbi", "allow: read");
    await vi.waitFor(() => expect(effect(policies, "read")).toBe("allow"));
  });

  test("has one folder for each entry point, and refuses one for an entry point that nobody declared", async () => {
    write("a.symbi", "allow: read");
    mkdirSync(join(folder, "http"));
    write("http/a.symbi", "deny: read allow: write");
    const policies = await open({ entryPoints: ["http", "chat"] });
    expect([effect(policies, "read", "http"), effect(policies, "write", "http")]).toEqual(["deny", "allow"]);
    expect([effect(policies, "read", "chat"), effect(policies, "write", "chat")]).toEqual(["allow", "deny"]);
    mkdirSync(join(folder, "typo"));
    await policies.refresh();
    expect(policies.error).toBeInstanceOf(RangeError);
    expect(effect(policies, "read", "chat")).toBe("allow");
  });

  test("looks no more once it is closed", async () => {
    write("a.symbi", "allow: read");
    const policies = await open();
    policies.close();
    write("a.symbi", "deny: read");
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(effect(policies, "read")).toBe("allow");
  });
});
