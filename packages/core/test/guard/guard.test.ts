import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileAnchor, formatVerifierKey, journalRecords, verifierKey, verifyJournal } from "@symbiont/audit";
import { type Admitted, type Authorized, GateError, type Identified, type Verified } from "@symbiont/core";
import { createGuard, type Guard, type GuardConfig, type GuardOptions } from "@symbiont/core/guard";
import { importPrivateKeyPem } from "@symbiont/keys";
import type { AuditRecord } from "@symbiont/kit";
import { namespaceTier } from "@symbiont/sandbox";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { agentPinIdentity, type GuardedFolder, guardedFolder } from "./guarded-folder.ts";

const report = await namespaceTier().probe();
let home: GuardedFolder;
let guards: Guard[];
beforeEach(async () => {
  guards = [];
  home = await guardedFolder();
});
afterEach(async () => {
  await Promise.allSettled(guards.map(async (guard) => guard.close()));
  home.remove();
});

async function open(config: Partial<GuardConfig> = {}, options: GuardOptions = {}): Promise<Guard> {
  const guard = await createGuard(
    { ...home.config, ...config },
    { directory: home.folder, env: {}, ...options },
  );
  guards.push(guard);
  return guard;
}

const denied = (code: string) => expect.objectContaining({ denied: true, code }) as unknown;

function call(path: string, credential: string = home.apiKey) {
  return {
    id: `call ${path}`,
    server: "files",
    tool: "read_file",
    arguments: JSON.stringify({ path }),
    credential,
  };
}

/** What the journal holds, checked with its key and the anchored checkpoint. */
async function journal() {
  const { audit } = home.config as { audit: Record<string, string> };
  const key = importPrivateKeyPem(readFileSync(join(home.folder, "audit-key.pem"), "utf8"));
  const trusted = [formatVerifierKey(verifierKey(audit["origin"] ?? "", key.publicKey))];
  const anchors = [(await fileAnchor(join(home.folder, "newest-checkpoint")).newest?.()) ?? ""];
  const folder = join(home.folder, "journal");
  const report = await verifyJournal(folder, { trusted, anchors });
  const records: Record<string, unknown>[] = [];
  for await (const { record } of journalRecords(folder, { trusted, anchors })) records.push(record);
  return { report, records };
}

describe("a guard with every stage real", () => {
  test.each(["apiKeys", "agentPin"] as const)("lets through what is right, by %s", async (scheme) => {
    const guard = await open(scheme === "agentPin" ? { identity: agentPinIdentity } : {});
    await guard.gate.verifyTools(home.offered, "files");
    const credential = scheme === "agentPin" ? home.agentPin : home.apiKey;
    const read = await guard.gate.run(call("/srv/a", credential), ({ arguments: given }) => given["path"]);
    expect(read).toEqual({ denied: false, value: "/srv/a" });
    await guard.close();
    const { report, records } = await journal();
    expect(report.openAttempts).toEqual([]);
    const actor = scheme === "agentPin" ? "urn:agentpin:deployer.example:agent-7" : "agent-7";
    expect(records.filter(({ type }) => type === "tool.call")).toMatchObject([
      { out: "attempt", actor: { id: actor }, pol: { engine: "symbi", code: "allow.rule" } },
      { out: "success", actor: { id: actor } },
    ]);
  });

  test("lets in tools that the program defines itself, under the ids that the configuration names", async () => {
    const guard = await open({ tools: { ...home.config.tools, own: ["program"] } });
    const [offered] = home.offered;
    const own = { name: "read_file", inputSchema: offered?.inputSchema ?? {} };
    expect(await guard.gate.verifyTools([own], "elsewhere")).toEqual([]);
    expect(await guard.gate.verifyTools([own], "program")).toHaveLength(1);
    const read = await guard.gate.run({ ...call("/srv/a"), server: "program" }, ({ server }) => server);
    expect(read).toEqual({ denied: false, value: "program" });
  });

  test("refuses at each stage, with the code of the stage, on record", async () => {
    const guard = await open();
    const shown = await guard.gate.verifyTools(home.offered, "files");
    expect(shown.map(({ definition }) => definition.name)).toEqual(["read_file", "run_code"]);
    const ran: unknown[] = [];
    const run = async (request: ReturnType<typeof call>) => guard.gate.run(request, () => ran.push(1));
    const wrongKey = await run(
      call(
        "/srv/a",
        home.apiKey.replace(/.(?=.{20}$)/, (one) => (one === "x" ? "y" : "x")),
      ),
    );
    const unknownTool = await run({ ...call("/srv/a"), tool: "unsigned" });
    const duplicate = await run({ ...call("/srv/a"), arguments: '{"path":"/srv/a","path":"/etc/shadow"}' });
    const surplus = await run({ ...call("/srv/a"), arguments: '{"path":"/srv/a","mode":"w"}' });
    const notAllowed = await run(call("/etc/shadow"));
    const upwards = await run(call("/srv/../etc/shadow"));
    const tooMany = await run(call("/srv/a"));
    expect([wrongKey, unknownTool, duplicate, surplus, notAllowed, upwards, tooMany]).toEqual(
      [
        "GATE_IDENTITY_REFUSED",
        "GATE_TOOL_NOT_VERIFIED",
        "args.duplicate_key",
        "args.schema",
        "default",
        "deny.rule",
        "GATE_RATE_LIMITED",
      ].map(denied),
    );
    expect(ran).toEqual([]);
    await guard.close();
    const codes = (await journal()).records.filter(({ type }) => type === "tool.call").map(({ err }) => err);
    expect(codes).toHaveLength(7);
  });

  test("records arguments without what their schema marks as secret", async () => {
    const guard = await open();
    await guard.gate.verifyTools(home.offered, "files");
    const secret = "correct horse battery";
    const given = JSON.stringify({ path: "/srv/a", password: secret });
    expect(await guard.gate.run({ ...call("/srv/a"), arguments: given }, () => 1)).toMatchObject({
      value: 1,
    });
    await guard.close();
    const text = JSON.stringify((await journal()).records);
    expect(text).not.toContain(secret);
    expect(text).toContain("[REDACTED:password]");
  });

  test("tells the calls of one moment apart, also where nothing is recorded", async () => {
    const { audit } = await open({ audit: "none" });
    const record = { type: "tool.call", actor: { kind: "agent", id: "a" }, outcome: "attempt" } as const;
    const [one, two] = await Promise.all([audit.append(record), audit.append(record)]);
    expect(Math.max(one.sequence, two.sequence)).toBeLessThan(0);
    expect(one.sequence).not.toBe(two.sequence);
  });

  test("keeps the proofs of the gate: nothing forged, copied, replayed or skipped", async () => {
    const guard = await open();
    const other = await open({ audit: "none", tools: { ...home.config.tools, pins: "other-pins.json" } });
    const { gate } = guard;
    await gate.verifyTools(home.offered, "files");
    const identified = (await gate.identify(gate.propose(call("/srv/a")))) as Identified;
    const admitted = (await gate.admit(identified)) as Admitted;
    const verified = (await gate.verify(admitted)) as Verified;
    const authorized = (await gate.authorize(verified)) as Authorized;
    const ran: unknown[] = [];
    const effect = () => ran.push(1);
    const forgeries = [
      { ...authorized },
      verified as unknown as Authorized,
      structuredClone({ ...authorized, call: {} }),
    ];
    for (const forged of forgeries) {
      await expect(gate.execute(forged as Authorized, effect)).rejects.toMatchObject({
        code: "GATE_STAGE_FORGED",
      });
    }
    await expect(other.gate.execute(authorized, effect)).rejects.toMatchObject({ code: "GATE_STAGE_FORGED" });
    await expect(gate.verify(admitted)).rejects.toMatchObject({ code: "GATE_STAGE_REUSED" });
    expect(ran).toEqual([]);
    await gate.execute(authorized, effect);
    const again: unknown = await gate.execute(authorized, effect).catch((error: unknown) => error);
    expect(GateError.is(again) && again.code).toBe("GATE_STAGE_REUSED");
    expect(ran).toEqual([1]);
  });

  test("asks the desk where a rule wants an approval, and keeps the desk's own no", async () => {
    const nobody = await open();
    await nobody.gate.verifyTools(home.offered, "files");
    const asked = await nobody.gate.run(call("/srv/approved"), () => 1);
    expect(asked).toEqual(denied("GATE_APPROVAL_UNAVAILABLE"));
    await nobody.close();

    const guard = await open({ approvals: { roles: { operator: { approvers: ["dana"] } } } });
    await guard.gate.verifyTools(home.offered, "files");
    const waiting = guard.gate.run(call("/srv/approved"), () => "done");
    const desk = guard.approvals;
    if (desk === undefined) throw new Error("there is no desk");
    const question = await vi.waitUntil(async () => (await desk.list("dana"))[0]);
    await desk.vote(question.id, { approver: "dana", verdict: "approve", channel: "test" });
    expect(await waiting).toEqual({ denied: false, value: "done" });

    const wrong = await open({
      tools: { ...home.config.tools, pins: "other.json" },
      audit: "none",
      approvals: { roles: { somebody: { approvers: ["dana"] } } },
    });
    await wrong.gate.verifyTools(home.offered, "files");
    expect(await wrong.gate.run(call("/srv/approved"), () => 1)).toEqual(denied("APPROVAL_ROLE_UNKNOWN"));
  });

  test.skipIf(!report.available)(
    `runs commands in the sandbox${report.available ? "" : `: skipped, ${report.problems.join(", ")}`}`,
    async () => {
      const guard = await open({ sandbox: { limits: { wallMs: 10_000 } } });
      await guard.gate.verifyTools(home.offered, "files");
      const request = { ...call("x"), tool: "run_code", arguments: '{"code":"echo $((6*7))"}' };
      const result = await guard.gate.run(request, async ({ arguments: given, signal }) =>
        guard.sandbox?.exec(["sh", "-c", given["code"] as string], signal === undefined ? {} : { signal }),
      );
      expect(result.denied === false && result.value?.stdout.text()).toBe("42\n");
    },
  );

  test.skipIf(!report.available)(
    `lets commands reach listed hosts only, on record${report.available ? "" : `: skipped, ${report.problems.join(", ")}`}`,
    async () => {
      const records: AuditRecord[] = [];
      const audit = { append: async (record: AuditRecord) => ({ sequence: records.push(record) - 1 }) };
      const guard = await open({ sandbox: { network: ["allowed.invalid:443"] } }, { stages: { audit } });
      expect(guard.describe().relaxed).toMatchObject([
        { path: "sandbox.network", refusedInProduction: false },
      ]);
      const ask = `import base64, os, socket, urllib.parse
proxy = urllib.parse.urlsplit(os.environ["HTTPS_PROXY"])
key = base64.b64encode(f"{proxy.username}:{proxy.password}".encode()).decode()
line = socket.create_connection((proxy.hostname, proxy.port))
head = ["CONNECT other.invalid:443 HTTP/1.1", "Host: other.invalid:443", "Proxy-Authorization: Basic " + key, "", ""]
line.sendall("\\r\\n".join(head).encode())
print(line.recv(100).split()[1].decode())`;
      const result = await guard.sandbox?.exec(["python3", "-c", ask]);
      expect(result?.stdout.text()).toBe("403\n");
      expect(records.map(({ type, outcome }) => [type, outcome])).toContainEqual([
        "sandbox.network",
        "denied",
      ]);
    },
  );
});

describe("stages that the host brings", () => {
  test("take the place of the configured ones", async () => {
    const records: unknown[] = [];
    const guard = await open(
      { audit: "none", identity: { fixed: { kind: "agent", id: "fixed" } } },
      {
        stages: {
          audit: { append: async (record) => ({ sequence: records.push(record) - 1 }) },
          policy: { decide: () => ({ effect: "deny", code: "mine", reason: "no", rules: [] }) },
        },
      },
    );
    // What the configuration says of them means nothing.
    expect(guard.describe().relaxed).toEqual([]);
    await guard.gate.verifyTools(home.offered, "files");
    expect(await guard.gate.run(call("/srv/a"), () => 1)).toEqual(denied("mine"));
    expect(guard.describe().replaced).toEqual(["audit", "policy"]);
    expect(records).toMatchObject([{ type: "guard.start" }, { type: "tool.verify" }, { outcome: "denied" }]);
  });
});

describe("health", () => {
  test("names the part that does not work, by its code, and is ready again when it does", async () => {
    const guard = await open();
    expect(await guard.health()).toMatchObject({ live: true, ready: true });
    const file = join(home.folder, "api-keys.json");
    const sound = readFileSync(file);
    writeFileSync(file, "not JSON");
    const broken = await guard.health();
    expect(broken).toMatchObject({ live: true, ready: false });
    expect(broken.parts.filter(({ ok }) => !ok)).toEqual([
      { part: "identity", ok: false, code: "API_KEY_STORE_CORRUPT" },
    ]);
    writeFileSync(file, sound);
    expect(await guard.health()).toMatchObject({ ready: true });
    await guard.close();
    expect(await guard.health()).toEqual({ live: false, ready: false, parts: [] });
  });
});

describe("close", () => {
  test("waits for what runs, ends the waiting for people, and seals the journal", async () => {
    const guard = await open({ approvals: { roles: { operator: { approvers: ["dana"] } } } });
    await guard.gate.verifyTools(home.offered, "files");
    let finish = (): void => undefined;
    let begun = (): void => undefined;
    const running = new Promise<void>((resolve) => (begun = resolve));
    const slow = guard.gate.run(call("/srv/slow"), async () => {
      begun();
      await new Promise<void>((resolve) => (finish = resolve));
      return "slow";
    });
    const asking = guard.gate.run(call("/srv/approved"), () => 1);
    await running;
    await vi.waitUntil(async () => (await guard.approvals?.list("dana"))?.length === 1);
    const closing = guard.close();
    expect(await asking).toEqual(denied("APPROVAL_CLOSED"));
    expect(await guard.gate.run(call("/srv/a"), () => 1)).toEqual(denied("GATE_CLOSED"));
    finish();
    expect(await slow).toEqual({ denied: false, value: "slow" });
    await closing;
    const { report, records } = await journal();
    // The question itself stays open: it was withdrawn by nobody.
    expect(report.openAttempts.map((sequence) => records[sequence]?.["type"])).toEqual(["approval.pending"]);
  });

  test("says so when calls are still running, and closes the rest", async () => {
    const guard = await open({ timeouts: { drainMs: 50 } });
    await guard.gate.verifyTools(home.offered, "files");
    let finish = (): void => undefined;
    let begun = (): void => undefined;
    const running = new Promise<void>((resolve) => (begun = resolve));
    const slow = guard.gate.run(call("/srv/slow"), async () => {
      begun();
      return new Promise<void>((resolve) => (finish = resolve));
    });
    await running;
    await expect(guard.close()).rejects.toMatchObject({ code: "GUARD_CLOSE_FAILED" });
    finish();
    await expect(slow).rejects.toMatchObject({ code: "GATE_OUTCOME_NOT_RECORDED", effectCompleted: true });
    expect((await journal()).report.openAttempts).toHaveLength(1);
  });
});

describe("a start", () => {
  test("that fails half way closes what was opened and names the part", async () => {
    appendFileSync(join(home.folder, "policies", "files.symbi"), "policy {");
    await expect(open()).rejects.toMatchObject({
      code: "GUARD_START_FAILED",
      message: expect.stringMatching(/^policy could not be started: /) as string,
    });
    // The journal was opened first: were it still open, it could not be opened again.
    rmSync(join(home.folder, "policies", "files.symbi"));
    writeFileSync(join(home.folder, "policies", "files.symbi"), 'policy p { allow: "x" }', { mode: 0o600 });
    await expect(open()).resolves.toBeDefined();
  });

  test("is on record with everything that is less strict than the default", async () => {
    const guard = await open({ rate: "unlimited", tools: { ...home.config.tools, firstUse: "trust" } });
    await guard.close();
    const { records } = await journal();
    expect(records.find(({ type }) => type === "guard.start")).toMatchObject({
      data: { production: false, relaxed: ["tools.firstUse", "rate"] },
    });
  });
});
