import { execFileSync } from "node:child_process";
import { chmodSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EntryProblem } from "@symbiont/skills";
import { SkillSnapshot } from "@symbiont/skills";
import { readSkillFolder } from "@symbiont/skills/folder";
import { describe, expect, test } from "vitest";
import { SKILL_MD, skillFolder, temporaryFolder } from "./folders.ts";

async function problemsOf(folder: string, options = {}): Promise<readonly EntryProblem[]> {
  return (await readSkillFolder(folder, options)).problems;
}
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const inMemory = (...paths: string[]): readonly EntryProblem[] =>
  new SkillSnapshot(
    "demo-skill",
    paths.map((path) => ({ path, bytes: bytes("x") })),
  ).problems;

describe("reading a skill folder", () => {
  test("gives every file, its digest and whether it may be executed", async () => {
    const snapshot = await readSkillFolder(skillFolder({ "scripts/run.sh": "#!/bin/sh\n" }));
    expect(snapshot.directoryName).toBe("demo-skill");
    expect(snapshot.problems).toEqual([]);
    expect(snapshot.files.map(({ path, executable }) => [path, executable])).toEqual([
      ["SKILL.md", false],
      ["scripts/run.sh", true],
    ]);
    expect(new TextDecoder().decode(snapshot.bytes("SKILL.md"))).toBe(SKILL_MD);
  });

  test("gives bytes that nobody can change afterwards", async () => {
    const folder = skillFolder();
    const snapshot = await readSkillFolder(folder);
    const { digest } = snapshot;
    snapshot.bytes("SKILL.md")?.fill(0);
    writeFileSync(join(folder, "SKILL.md"), "other");
    expect(new TextDecoder().decode(snapshot.bytes("SKILL.md"))).toBe(SKILL_MD);
    expect(snapshot.digest).toBe(digest);
    expect(() => Object.assign(snapshot, { digest: "x" })).toThrow(TypeError);
    expect(() => (snapshot.files as unknown[]).push({})).toThrow(TypeError);
  });

  test("gives one digest for one content, whatever the signature file says", async () => {
    const one = await readSkillFolder(skillFolder({ "a.txt": "1" }));
    const two = await readSkillFolder(skillFolder({ "a.txt": "1", ".schemapin.sig": "{}" }));
    const three = await readSkillFolder(skillFolder({ "a.txt": "2" }));
    expect(two.digest).toBe(one.digest);
    expect(three.digest).not.toBe(one.digest);
  });

  test("gives different digests when only the executable bit differs", async () => {
    const folder = skillFolder({ "a.sh": "1" });
    const before = await readSkillFolder(folder);
    chmodSync(join(folder, "a.sh"), 0o755);
    expect((await readSkillFolder(folder)).digest).not.toBe(before.digest);
  });

  test("refuses a missing folder and a file", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "file"), "");
    const code = "SKILL_FOLDER_INVALID";
    await expect(readSkillFolder(join(folder, "none"))).rejects.toMatchObject({ code });
    await expect(readSkillFolder(join(folder, "file"))).rejects.toMatchObject({ code });
  });

  test("leaves out what it is told to, and says so", async () => {
    const folder = skillFolder({ ".git/config": "x" });
    const snapshot = await readSkillFolder(folder, { exclude: [".git"] });
    expect(snapshot.files.map(({ path }) => path)).toEqual(["SKILL.md"]);
    expect(snapshot.problems).toEqual([{ code: "excluded", path: ".git", weight: "warn" }]);
  });

  test("gives up in time", async () => {
    await expect(readSkillFolder(skillFolder(), { timeoutMs: 1e-6 })).rejects.toMatchObject({
      code: "SKILL_TIMED_OUT",
    });
  });
});

describe("entries that a skill may not hold", () => {
  test("a link to a file, a folder or nothing is never followed", async () => {
    const folder = skillFolder();
    symlinkSync("/etc/passwd", join(folder, "a"));
    symlinkSync("..", join(folder, "b"));
    symlinkSync("nowhere", join(folder, "c"));
    const snapshot = await readSkillFolder(folder);
    expect(snapshot.problems).toEqual(
      ["a", "b", "c"].map((path) => ({ code: "symlink", path, weight: "refuse" })),
    );
    expect(snapshot.files.map(({ path }) => path)).toEqual(["SKILL.md"]);
  });

  test("a FIFO does not make the reader wait", async () => {
    const folder = skillFolder();
    execFileSync("mkfifo", [join(folder, "pipe")]);
    expect(await problemsOf(folder)).toEqual([{ code: "special-file", path: "pipe", weight: "refuse" }]);
  });

  test.each([0o4755, 0o2755, 0o1755])("mode %o is refused", async (mode) => {
    const folder = skillFolder({ "scripts/run.sh": "x" });
    chmodSync(join(folder, "scripts/run.sh"), mode);
    expect(await problemsOf(folder)).toEqual([
      { code: "mode-bits", path: "scripts/run.sh", weight: "refuse" },
    ]);
  });

  test("a hard link is told", async () => {
    const folder = skillFolder();
    linkSync(join(folder, "SKILL.md"), join(folder, "copy.md"));
    expect(await problemsOf(folder)).toEqual([
      { code: "hard-link", path: "SKILL.md", weight: "warn" },
      { code: "hard-link", path: "copy.md", weight: "warn" },
    ]);
  });

  test("an empty folder is told", async () => {
    const folder = skillFolder();
    mkdirSync(join(folder, "empty"));
    expect(await problemsOf(folder)).toEqual([{ code: "empty-directory", path: "empty", weight: "warn" }]);
  });

  test("a name that is not UTF-8 is refused and not opened", async () => {
    const folder = skillFolder();
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/x`), Buffer.of(0xff)]), "y");
    const [problem] = await problemsOf(folder);
    expect(problem).toMatchObject({ code: "name-encoding", weight: "refuse" });
  });

  test("a nested signature file is refused, in any spelling", async () => {
    const nested = await problemsOf(skillFolder({ "scripts/.schemapin.sig": "payload" }));
    expect(nested).toEqual([{ code: "nested-signature", path: "scripts/.schemapin.sig", weight: "refuse" }]);
    expect(inMemory(".SchemaPin.sig")[0]).toMatchObject({ code: "nested-signature" });
    expect(inMemory(".schemapin.sig/x")[0]).toMatchObject({ code: "nested-signature" });
  });

  test.each([
    ["a file over the limit", { maxFileBytes: 40 }, "too-large"],
    ["files over the limit together", { maxTotalBytes: 60 }, "too-large"],
    ["too many entries", { maxEntries: 1 }, "too-many"],
    ["folders too deep", { maxDepth: 1 }, "too-deep"],
  ])("%s are refused, not cut", async (_, limits, code) => {
    const folder = skillFolder({ "a/b/c.txt": "x".repeat(50) });
    expect(await problemsOf(folder, { limits })).toContainEqual(
      expect.objectContaining({ code, weight: "refuse" }),
    );
  });

  test.skipIf(process.getuid?.() === 0)(
    "a file that may not be read is refused (skipped: root reads everything)",
    async () => {
      const folder = skillFolder({ "a.txt": "x" });
      chmodSync(join(folder, "a.txt"), 0);
      expect(await problemsOf(folder)).toEqual([{ code: "unreadable", path: "a.txt", weight: "refuse" }]);
    },
  );
});

describe("names", () => {
  test.each([
    ["a\\b", "name-reserved"],
    ["a:b", "name-reserved"],
    ["..", "name-reserved"],
    ["../a", "name-reserved"],
    ["a//b", "name-reserved"],
    ["/a", "name-reserved"],
    ["a/./b", "name-reserved"],
    ["CON", "name-reserved"],
    ["lpt1.txt", "name-reserved"],
    ["dir/nul.md", "name-reserved"],
    ["a\nb", "name-reserved"],
    ["a\u0000b", "name-reserved"],
    ["cafe\u0301", "name-not-nfc"],
    ["a\u200bb", "name-hidden"],
    ["a\u202egpj.sh", "name-hidden"],
    ["trailing.", "name-edge"],
    ["trailing ", "name-edge"],
    [" leading", "name-edge"],
    ["\ud800", "name-encoding"],
  ])("%j is refused", (path, code) => {
    expect(inMemory(path)[0]).toMatchObject({ code, weight: "refuse" });
  });

  test.each([".gitignore", "a b.md", "café.md", "日本語.md", "a-b_c.d.e", "console.log", "😀.txt"])(
    "%s is sound",
    (path) => {
      expect(inMemory(path)).toEqual([]);
    },
  );

  test.each([
    [["a.md", "A.md"]],
    [["dir/a", "Dir/b"]],
    [["straße", "STRASSE"]],
    [["a/b", "A"]],
    [["a", "a"]],
  ])("%j are one file on some machines", (paths) => {
    expect(inMemory(...paths)).toContainEqual(
      expect.objectContaining({ code: "name-case", weight: "refuse" }),
    );
  });

  test("are told escaped", () => {
    expect(inMemory("a\u202eb\n")[0]?.path).toBe("a\\u{202e}b\\u{a}");
  });
});
