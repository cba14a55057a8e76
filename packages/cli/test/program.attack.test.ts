import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { runCli } from "@symbiont/cli";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PROGRAM, symbiont } from "./symbiont.ts";

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "symbiont-attack-"));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));
const write = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(home, name), content);
  return name;
};

describe("wrong use", { timeout: 60_000 }, () => {
  test.each([
    [["nonsense"]],
    [["audit", "nonsense"]],
    [["keys", "generate"]],
    [["keys", "generate", "--out"]],
    [["policy", "check", "does-not-exist"]],
    [["audit", "verify", "--nonsense"]],
    [["completion", "tcsh"]],
  ])("of %o ends with 2, says why on standard error, and nothing on standard output", async (words) => {
    const { code, stdout, stderr } = await symbiont(words, { cwd: home });
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr.length).toBeGreaterThan(10);
  });

  test("with --json is one JSON document too", async () => {
    write("no-tools.json", "[]{");
    const { code, stdout } = await symbiont(
      ["schemapin", "lock", "no-tools.json", "--server", "s", "--json"],
      { cwd: home },
    );
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "JSON_SYNTAX" } });
  });

  test.each(["--help", "help"])("%s is none", async (word) => {
    const { code, stdout } = await symbiont([word], { cwd: home });
    expect(code).toBe(0);
    expect(stdout).toContain("audit");
  });
});

describe("input that nobody should trust", { timeout: 60_000 }, () => {
  test.each([
    ["bytes that are no text", new Uint8Array([0xff, 0xfe, 0x00])],
    ["duplicate names", '{"tools":[],"tools":[]}'],
    ["a prototype", '{"__proto__":{"tools":[]}}'],
    ["deep nesting", `${"[".repeat(10_000)}${"]".repeat(10_000)}`],
    ["no tools", '{"result":{}}'],
    ["tools that are none", '{"tools":[null,7,{"name":"x"}]}'],
  ])("is refused without a stack trace: %s", async (_, content) => {
    const { code, stderr } = await symbiont(["schemapin", "lock", write("input", content), "--server", "s"], {
      cwd: home,
    });
    expect([2, 3]).toContain(code);
    expect(stderr).not.toMatch(/at .*:\d+:\d+/);
  });

  test("does nothing to the terminal, whether it is data, a file name or an option", async () => {
    const evil = "\u001b]0;owned\u0007\u001b[2J\u202e\u200b";
    const name = "x\u001b[31m.symbi";
    write(name, `policy p {\n  allow ${evil}\n}\n`);
    const outputs = await Promise.all([
      symbiont(["policy", "check", name], { cwd: home }),
      symbiont(["policy", "check", `nothing${evil}`], { cwd: home }),
      symbiont([`nothing${evil}`], { cwd: home }),
      symbiont(["audit", `--${evil}`], { cwd: home }),
    ]);
    for (const { code, stdout, stderr } of outputs) {
      expect(code).not.toBe(0);
      expect(stdout + stderr).not.toMatch(/[\u001b\u0007\u202e\u200b]/);
    }
  });

  test("cannot make a file be overwritten that holds a key", async () => {
    write("key.pem", "mine");
    expect((await symbiont(["keys", "generate", "--out", "key.pem"], { cwd: home })).code).toBe(2);
  });
});

describe("a reader that goes away", { timeout: 60_000 }, () => {
  test("ends the program quietly, and not with success", async () => {
    const child = spawn(process.execPath, [...PROGRAM, "completion", "bash"], {
      cwd: home,
      env: { PATH: process.env["PATH"] ?? "" },
    });
    child.stdout.destroy();
    let said = "";
    child.stderr.on("data", (text: Buffer) => (said += String(text)));
    const code = await new Promise((resolve) => child.once("close", resolve));
    expect([code, said]).toEqual([141, ""]);
  });
});

describe("without a terminal", { timeout: 60_000 }, () => {
  test("nothing is coloured and no progress is drawn", async () => {
    const { stdout, stderr } = await symbiont(["doctor"], { cwd: home, env: { TERM: "xterm-256color" } });
    expect(stdout + stderr).not.toContain("\u001b");
  });

  test("a secret is not asked for: an empty input is an error", async () => {
    await symbiont(["secrets", "init", "--file", "s.enc", "--key-file", "s.key", "--new-key"], { cwd: home });
    const { code, stderr } = await symbiont(
      ["secrets", "set", "a/b", "--file", "s.enc", "--key-file", "s.key"],
      { cwd: home },
    );
    expect([code, stderr]).toEqual([2, "symbiont: the value is empty\n"]);
  });
});

describe("with a terminal", { timeout: 60_000 }, () => {
  test("a secret is typed without an echo, and never shown", async () => {
    const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    let shown = "";
    for (const stream of [stdout, stderr]) stream.on("data", (text: Buffer) => (shown += String(text)));
    const files = ["--file", join(home, "typed.enc"), "--key-file", join(home, "typed.key")];
    const terminal = { stdin, stdout, stderr, env: {} };
    expect(await runCli(["secrets", "init", ...files, "--new-key"], terminal)).toBe(0);
    const setting = runCli(["secrets", "set", "a/b", ...files], terminal);
    stdin.write("typed valux\u007fe\r");
    expect(await setting).toBe(0);
    expect(shown).toContain("a/b (not shown): ");
    expect(shown).not.toContain("typed val");
    const read = await symbiont(["secrets", "get", "a/b", ...files, "--reveal"], { cwd: home });
    expect(read.stdout).toBe("typed value");
  });
});
