import { appendFileSync, chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { AuditLog, fileAnchor, Journal, parseVerifierKey, verifyTlogProof } from "@symbiont/audit";
import { runCli } from "@symbiont/cli";
import { importPrivateKeyPem } from "@symbiont/keys";
import { decodeHex } from "@symbiont/kit";
import { beforeAll, describe, expect, test } from "vitest";
import { initializedHome } from "./home.ts";

const home = initializedHome();

describe("symbiont policy", { timeout: 60_000 }, () => {
  test("ends with 1 when a case fails, and names the difference", async () => {
    home.write(
      "wrong-cases.json",
      JSON.stringify({
        cases: [{ name: "mail may be sent", request: { action: "send_mail" }, expect: { effect: "allow" } }],
      }),
    );
    const { code, stdout } = await home.run("policy", "test", "policies", "wrong-cases.json");
    expect(code).toBe(1);
    expect(stdout).toContain("BAD  wrong-cases.json: mail may be sent");
  });

  test("explains a request, formats, and names the line of a mistake", async () => {
    const request = { action: "read_file", context: { args: { path: "/srv/data/../x" } } };
    home.write("request.json", JSON.stringify(request));
    const explained = await home.run("policy", "explain", "policies", "--request", "request.json");
    expect([explained.code, explained.stdout]).toEqual([
      1,
      expect.stringContaining("agent.symbi:3 agent#1 deny: fired"),
    ]);
    home.write("ugly.symbi", 'policy p {allow:   "x"}');
    expect((await home.run("policy", "fmt", "--check", "ugly.symbi")).code).toBe(1);
    expect((await home.run("policy", "fmt", "ugly.symbi")).code).toBe(0);
    expect(readFileSync(home.path("ugly.symbi"), "utf8")).toContain('  allow: "x"\n');
    home.write("broken.symbi", "policy p {\n  allow read\n}\n");
    const broken = await home.run("policy", "check", "broken.symbi");
    expect([broken.code, broken.stdout]).toEqual([1, expect.stringContaining("broken.symbi:2:")]);
  });
});

describe("symbiont audit", { timeout: 60_000 }, () => {
  const ORIGIN = "example.com/cli/audit/1";
  let trusted: string[];
  beforeAll(async () => {
    const { stdout } = await home.run(
      "keys",
      "generate",
      "--algorithm",
      "Ed25519",
      "--out",
      "journal.pem",
      "--json",
    );
    expect(JSON.parse(stdout)).toMatchObject({ algorithm: "Ed25519" });
    const key = importPrivateKeyPem(readFileSync(home.path("journal.pem"), "utf8"));
    const log = await AuditLog.open(home.path("journal"), {
      origin: ORIGIN,
      key,
      anchor: fileAnchor(home.path("checkpoint")),
      failureMode: "strict",
    });
    for (let index = 0; index < 20; index += 1) {
      await log.append({
        type: "tool.call",
        outcome: "denied",
        actor: { kind: "agent", id: `\u001b[2J\u202eagent ${index}` },
        error: { name: "Denial", code: "deny.rule" },
      });
    }
    trusted = ["--trusted", log.verifierKey];
    await log.close();
  });

  test("verifies by the configuration, or by key and checkpoint", async () => {
    expect(await home.json("audit", "verify")).toMatchObject({
      ok: true,
      origin: "example.com/agent/audit/1",
    });
    expect(await home.json("audit", "verify", "journal", ...trusted, "--anchor", "checkpoint")).toMatchObject(
      { ok: true, records: 22 },
    );
  });

  test("verifies one archived segment alone, and says no when it was changed", async () => {
    const key = importPrivateKeyPem(readFileSync(home.path("journal.pem"), "utf8"));
    const anchor = (): void => undefined;
    const journal = await Journal.open(home.path("rotated"), {
      origin: ORIGIN,
      key,
      anchor,
      maxSegmentBytes: 1,
    });
    await journal.append({ type: "tool.call", outcome: "info", actor: { kind: "agent", id: "a" } });
    await journal.close();
    const name = "0000000000000000.jsonl";
    const text = readFileSync(home.path(`rotated/seg/${name}`), "utf8");
    home.write(name, text);
    chmodSync(home.path(name), 0o600);
    const words = ["audit", "verify", "rotated", ...trusted, "--segment", name];
    expect(await home.json(...words)).toMatchObject({ ok: true, first: 0, end: 2 });
    home.write(name, text.replace("created", "opened"));
    const { code, stderr } = await home.run(...words);
    expect(code).not.toBe(0);
    expect(stderr).toContain("AUDIT_CORRUPT");
  });

  test("repairs a torn tail of the configuration's journal, and nothing else", async () => {
    const config = JSON.parse(readFileSync(home.path("symbiont.config.json"), "utf8")) as {
      audit: { folder: string };
    };
    const segments = home.path(join(config.audit.folder, "seg"));
    const segment = join(segments, readdirSync(segments).sort().at(-1) ?? "");
    expect(await home.json("audit", "repair")).toMatchObject({ tornBytes: 0, quarantine: null });
    appendFileSync(segment, '{"torn');
    expect(await home.json("audit", "repair")).toMatchObject({ tornBytes: 6 });
    expect(await home.json("audit", "verify")).toMatchObject({ ok: true });
    const text = readFileSync(segment, "utf8");
    appendFileSync(segment, "{}\n");
    const { code, stderr } = await home.run("audit", "repair");
    expect(code).not.toBe(0);
    expect(stderr).toContain("AUDIT_CORRUPT");
    writeFileSync(segment, text);
  });

  test("draws a progress bar on a terminal, and takes it away again", async () => {
    const [stdout, stderr] = [new PassThrough(), Object.assign(new PassThrough(), { isTTY: true })];
    let [said, drawn] = ["", ""];
    stdout.on("data", (text: Buffer) => (said += String(text)));
    stderr.on("data", (text: Buffer) => (drawn += String(text)));
    const terminal = { stdin: new PassThrough(), stdout, stderr, env: {} };
    expect(await runCli(["audit", "verify", home.path("journal"), ...trusted], terminal)).toBe(0);
    expect(drawn).toMatch(/^\r\[#+-*\] +\d+ % \d+ records/);
    expect(drawn.endsWith("\r\u001b[K")).toBe(true);
    expect(said).not.toContain("\u001b");
  });

  test("shows what is newest, and nothing that moves the cursor", async () => {
    const { code, stdout } = await home.run("audit", "tail", "journal", ...trusted, "--lines", "5");
    expect(code).toBe(0);
    expect(stdout.trim().split("\n")).toHaveLength(5);
    expect(stdout).toContain("\\u{1b}[2J\\u{202e}agent 19");
    expect(stdout).not.toMatch(/[\u001b\u202e]/);
  });

  test("proves one record to whoever has the key", async () => {
    const { leaf, proof } = (await home.json("audit", "proof", "3", "journal", ...trusted)) as {
      leaf: string;
      proof: string;
    };
    const checked = verifyTlogProof(proof, decodeHex(leaf), {
      origin: ORIGIN,
      trusted: [parseVerifierKey(trusted[1] ?? "")],
    });
    expect(checked.index).toBe(3);
  });

  test("exports each record, in three forms", async () => {
    for (const format of ["journal", "ocsf", "otel"]) {
      const { stdout } = await home.run("audit", "export", "journal", ...trusted, "--format", format);
      expect(
        stdout
          .trim()
          .split("\n")
          .map((line) => typeof JSON.parse(line)),
      ).toEqual(Array.from({ length: 22 }, () => "object"));
    }
  });

  test("writes a report, and one that says so when the journal was changed", async () => {
    const made = await home.json(
      "audit",
      "report",
      "journal",
      ...trusted,
      "--anchor",
      "checkpoint",
      "-o",
      "report.html",
    );
    expect(made).toMatchObject({ records: 22, verified: true });
    expect(readFileSync(home.path("report.html"), "utf8")).toContain("default-src 'none'");
    const segment = home.path("journal/seg/0000000000000000.jsonl");
    const sound = readFileSync(segment, "utf8");
    writeFileSync(segment, sound.replace("agent 7", "agent 8"));
    const changed = await home.run("audit", "report", "journal", ...trusted, "-o", "changed.html");
    const verified = await home.run("audit", "verify", "journal", ...trusted);
    writeFileSync(segment, sound);
    expect([changed.code, changed.stdout]).toEqual([
      1,
      expect.stringContaining('does not verify: "AUDIT_CORRUPT"'),
    ]);
    expect(readFileSync(home.path("changed.html"), "utf8")).toContain('"ok":false');
    expect([verified.code, verified.stdout]).toEqual([1, expect.stringContaining("AUDIT_CORRUPT")]);
  });
});
