import { readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { PassThrough } from "node:stream";
import { AuditLog, fileAnchor } from "@symbiont/audit";
import { runCli } from "@symbiont/cli";
import { importPrivateKeyPem } from "@symbiont/keys";
import { beforeAll, describe, expect, test } from "vitest";
import { initializedHome } from "./home.ts";

const home = initializedHome();
const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 1);

interface Line {
  readonly seq: number;
  readonly type: string;
}

describe("symbiont audit query", { timeout: 60_000 }, () => {
  let trusted: string[];
  beforeAll(async () => {
    await home.run("keys", "generate", "--algorithm", "Ed25519", "--out", "journal.pem");
    const key = importPrivateKeyPem(readFileSync(home.path("journal.pem"), "utf8"));
    let now = START;
    const log = await AuditLog.open(home.path("journal"), {
      origin: "example.com/cli/audit/1",
      key,
      anchor: fileAnchor(home.path("checkpoint")),
      failureMode: "strict",
      clock: { now: () => now },
    });
    const call = (tool: string, more: object): Promise<unknown> =>
      log.append({
        type: "tool.call",
        outcome: "denied",
        actor: { kind: "agent", id: "a-1" },
        action: `tool_call::${tool}`,
        resource: { kind: "tool", id: `files/${tool}` },
        ...more,
      });
    const policy = { engine: "symbi", set: "sha256:0", rules: ["p#0"], code: "allow.rule" };
    now = START + HOUR;
    await call("read_file", { outcome: "attempt", policy });
    await call("read_file", { outcome: "success", attempt: 1 });
    now = START + 2 * HOUR;
    await call("delete_file", { error: { name: "Denial", code: "deny.rule" } });
    now = START + 3 * HOUR;
    await log.append({
      type: "secret.read",
      outcome: "info",
      actor: { kind: "user", id: "\u001b[2Jada" },
      data: { note: 'a "quoted" word, \u00fc' },
    });
    await log.close();
    trusted = ["--trusted", log.verifierKey, "--anchor", "checkpoint"];
  }, 60_000);

  const query = async (...words: string[]): Promise<readonly number[]> => {
    const { code, stdout } = await home.run("audit", "query", "journal", ...trusted, ...words, "--json");
    expect(code).toBe(0);
    const lines = stdout.split("\n").slice(0, -1);
    return lines.map((line) => (JSON.parse(line) as Line).seq);
  };

  test.each<[string, readonly string[], readonly number[]]>([
    ["nothing", [], [0, 1, 2, 3, 4, 5]],
    ["who acted", ["--actor", "a-1"], [1, 2, 3]],
    ["a tool by its name", ["--tool", "read_file"], [1, 2]],
    ["a tool of a server", ["--tool", "files/delete_file"], [3]],
    ["a tool that there is not", ["--tool", "file"], []],
    ["what was denied", ["--decision", "deny"], [3]],
    ["what a policy allowed", ["--decision", "allow"], [1]],
    ["an outcome", ["--outcome", "success"], [2]],
    ["a type", ["--type", "secret.read"], [4]],
    ["an area", ["--type", "tool.*"], [1, 2, 3]],
    ["an action", ["--action", "tool_call::delete_file"], [3]],
    ["a resource", ["--resource", "files/delete_file"], [3]],
    ["the code of a denial", ["--code", "deny.rule"], [3]],
    ["the code of a decision", ["--code", "allow.rule"], [1]],
    ["text with quotes", ["--text", 'a "quoted" word, \u00fc'], [4]],
    ["text in another place", ["--text", "delete"], [3]],
    ["a time from", ["--since", "2026-01-01T02:00:00Z"], [3, 4, 5]],
    ["a time up to", ["--until", "2026-01-01T02:00:00Z"], [0, 1, 2]],
    ["a day", ["--since", "2026-01-01", "--until", "2026-01-02"], [0, 1, 2, 3, 4, 5]],
    ["so long ago", ["--since", "1h"], []],
    ["all of it together", ["--actor", "a-1", "--tool", "read_file", "--outcome", "attempt"], [1]],
    ["no more than so many", ["--limit", "2"], [0, 1]],
  ])("by %s", async (_, words, expected) => {
    expect(await query(...words)).toEqual(expected);
  });

  test("shows people lines that move no cursor, and how many there were", async () => {
    const { code, stdout, stderr } = await home.run("audit", "query", "journal", ...trusted, "--limit", "5");
    expect(code).toBe(0);
    expect(stdout.trim().split("\n")).toHaveLength(5);
    expect(stdout).toContain("\\u{1b}[2Jada");
    expect(stdout).not.toContain("\u001b");
    expect(stderr).toContain("6 of 6 signed records match, 5 of them shown");
  });

  test("draws a progress bar on a terminal, and takes it away for each line", async () => {
    const [stdout, stderr] = [new PassThrough(), Object.assign(new PassThrough(), { isTTY: true })];
    let drawn = "";
    stdout.resume();
    stderr.on("data", (text: Buffer) => (drawn += String(text)));
    const terminal = { stdin: new PassThrough(), stdout, stderr, env: {} };
    expect(
      await runCli(["audit", "query", home.path("journal"), ...trusted.slice(0, 2), "--json"], terminal),
    ).toBe(0);
    expect(drawn).toContain("6 records");
    expect(drawn.endsWith("\r\u001b[K")).toBe(true);
  });

  test("says at the end that what was shown was changed, also when nothing more was wanted", async () => {
    const segment = home.path("journal/seg/0000000000000000.jsonl");
    const sound = readFileSync(segment, "utf8");
    writeFileSync(segment, sound.replace("ada", "eve"));
    const words = ["audit", "query", "journal", ...trusted, "--limit", "1"];
    const { code, stderr } = await home.run(...words);
    writeFileSync(segment, sound);
    expect([code, stderr]).toEqual([3, expect.stringContaining("AUDIT_CORRUPT")]);
    expect((await home.run(...words)).code).toBe(0);
  });

  test.each([
    [["--since", "yesterday"]],
    [["--until", "2026-13-01"]],
    [["--limit", "0"]],
    [["--decision", "maybe"]],
  ])("%s is wrong use", async (words) => {
    expect((await home.run("audit", "query", "journal", ...trusted, ...words)).code).toBe(2);
  });
});

describe("symbiont audit adopt", { timeout: 60_000 }, () => {
  const config = (): { audit: { folder: string; anchor: string } } =>
    JSON.parse(readFileSync(home.path("symbiont.config.json"), "utf8")) as never;
  const checkpoint = (): string => home.path(`${config().audit.folder}/checkpoint`);

  test("leaves a journal alone that has its checkpoint", async () => {
    const before = readFileSync(checkpoint(), "utf8");
    expect(await home.json("audit", "adopt")).toMatchObject({ ok: true, adopted: false });
    expect(readFileSync(checkpoint(), "utf8")).toBe(before);
  });

  test("goes on with one whose checkpoint is gone, on record, and every check passes again", async () => {
    rmSync(checkpoint());
    // The copy that was kept elsewhere is gone as well: a journal that was moved.
    const anchor = home.path(config().audit.anchor);
    renameSync(anchor, `${anchor}.away`);
    const done = await home.run("audit", "adopt");
    expect([done.code, done.stdout]).toEqual([0, expect.stringContaining("the adoption is on record")]);
    expect(await home.json("audit", "verify")).toMatchObject({ ok: true });
    const { stdout } = await home.run("audit", "query", "--type", "journal.recovered", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ data: { adopted: true } });
  });

  test("refuses one that an anchor knows more of", async () => {
    rmSync(checkpoint());
    rmSync(home.path(`${config().audit.folder}/checkpoints.log`));
    const segment = home.path(`${config().audit.folder}/seg/0000000000000000.jsonl`);
    const text = readFileSync(segment, "utf8");
    truncateSync(segment, text.indexOf("\n") + 1);
    const { code, stderr } = await home.run("audit", "adopt");
    expect([code, stderr]).toEqual([3, expect.stringContaining("AUDIT_ROLLBACK")]);
    writeFileSync(segment, text);
    expect((await home.run("audit", "adopt")).code).toBe(0);
  });

  test("refuses one that was changed", async () => {
    const segment = home.path(`${config().audit.folder}/seg/0000000000000000.jsonl`);
    const text = readFileSync(segment, "utf8");
    writeFileSync(segment, text.replace("created", "opened!"));
    expect((await home.run("audit", "adopt")).code).toBe(1);
    writeFileSync(segment, text);
  });
});

describe("symbiont audit import-symbiont", { timeout: 60_000 }, () => {
  const vectors = JSON.parse(
    readFileSync(new URL("../../audit/test/vectors/audit/symbiont-chains.json", import.meta.url), "utf8"),
  ) as Record<"critic" | "transcript", { entries: { json: { chain_hash: string } }[] }> & {
    publicHex: string;
  };
  const chainOf = (kind: "critic" | "transcript"): string[] => {
    const entries = vectors[kind].entries.map(({ json }) => json);
    home.write(`${kind}.json`, JSON.stringify(entries));
    const head = entries.at(-1)?.chain_hash ?? "";
    return [
      `${kind}.json`,
      "--public-key",
      vectors.publicHex,
      "--length",
      String(entries.length),
      "--head",
      head,
    ];
  };
  const importOf = (...words: string[]): Promise<unknown> =>
    home.json("audit", "import-symbiont", ...words, "--source", "symbiont/node-1");
  const kept = async (type: string): Promise<any[]> => {
    const { stdout } = await home.run("audit", "query", "--type", type, "--json");
    return stdout
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as unknown);
  };

  test.each(["critic", "transcript"] as const)("verifies a %s chain and takes it over", async (kind) => {
    const words = chainOf(kind);
    const { length } = vectors[kind].entries;
    expect(await home.json("audit", "import-symbiont", kind, ...words, "--verify-only")).toEqual({
      ok: true,
      verified: length,
    });
    expect(await importOf(kind, ...words)).toEqual({ ok: true, imported: length });
    const records = await kept(`import.${kind}`);
    expect(records).toHaveLength(length);
    expect(records[0]).toMatchObject({ actor: { id: "symbiont/node-1" }, data: { chain: "verified" } });
    expect(await home.json("audit", "verify")).toMatchObject({ ok: true });
  });

  test("refuses a chain that was cut or changed, and keeps none of it", async () => {
    const words = chainOf("critic");
    const before = (await kept("import.critic")).length;
    const entries = vectors.critic.entries.map(({ json }) => json);
    home.write("critic.json", JSON.stringify(entries.slice(0, -1)));
    const cut = await home.run("audit", "import-symbiont", "critic", ...words, "--source", "s");
    expect([cut.code, cut.stderr]).toEqual([3, expect.stringContaining("AUDIT_ROLLBACK")]);
    home.write("critic.json", JSON.stringify(entries.map((entry) => ({ ...entry, score: 1 }))));
    const changed = await home.run("audit", "import-symbiont", "critic", ...words, "--verify-only");
    expect([changed.code, changed.stderr]).toEqual([3, expect.stringContaining("AUDIT_CORRUPT")]);
    expect(await kept("import.critic")).toHaveLength(before);
  });

  test("takes over logs, without secrets and without free text, from a file or standard input", async () => {
    const event = {
      timestamp: "2026-01-02T03:04:05Z",
      agent_id: "agent-1",
      operation: "get_secret",
      secret_key: "db/password",
      outcome: "failure",
      error_message: "no route to 10.0.0.1",
      metadata: { api_key: "sk-ant-api03-abcdefghijklmnop" },
    };
    home.write("secrets.jsonl", `${JSON.stringify(event)}\n\n${JSON.stringify(event)}`);
    expect(await importOf("secret_audit", "secrets.jsonl")).toEqual({ ok: true, imported: 2 });
    const text = JSON.stringify(await kept("import.secret_audit"));
    expect(text).toContain("agent-1");
    expect(text).not.toContain("sk-ant");
    expect(text).not.toContain("10.0.0.1");
    expect(await importOf("secret_audit", "secrets.jsonl", "--error-messages")).toMatchObject({ ok: true });
    expect(JSON.stringify(await kept("import.secret_audit"))).toContain("10.0.0.1");
  });

  test("names the line that is none", async () => {
    home.write("broken.jsonl", '{"tool":"a"}\nnot JSON\n');
    const { code, stderr } = await home.run(
      "audit",
      "import-symbiont",
      "mode_b",
      "broken.jsonl",
      "--source",
      "s",
    );
    expect([code, stderr]).toEqual([3, expect.stringContaining("line 1 is no entry of a mode_b log")]);
    expect(await home.json("audit", "verify")).toMatchObject({ ok: true });
  });

  test.each([
    [["nonsense", "x.jsonl", "--source", "s"]],
    [["critic", "x.json", "--source", "s"]],
    [["mode_b", "absent.jsonl", "--source", "s"]],
    [["mode_b", "absent.jsonl"]],
    [["mode_b", "absent.jsonl", "--verify-only"]],
  ])("%s is wrong use", async (words) => {
    expect((await home.run("audit", "import-symbiont", ...words)).code).toBe(2);
  });
});
