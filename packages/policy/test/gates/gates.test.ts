import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compilePolicies, createDecisionPoint, parsePolicies } from "@symbiont/policy";
import { fileRequest } from "@symbiont/policy/files";
import {
  createCommunicationGate,
  createScheduleGate,
  messageRequest,
  networkRequest,
  scheduleRequest,
} from "@symbiont/policy/gates";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const agent = { kind: "agent", id: "worker" } as const;
const point = (rules: string) =>
  createDecisionPoint(compilePolicies([parsePolicies(`policy p { ${rules} }`)]));
const allow = { action: "allow" } as const;
const deny = { action: "deny", reason: "no" } as const;
const always = { t: "always" } as const;

describe("the communication gate", () => {
  const rules = [
    { id: "deny", condition: { t: "sender", id: "a" }, effect: deny, priority: 1 },
    { id: "allow", condition: always, effect: allow, priority: 100 },
  ] as const;

  test("lets a deny win whatever the priority, unless it is told to take the first match", () => {
    const message = { sender: "a", recipient: "b" };
    expect(createCommunicationGate(rules)(message)).toMatchObject({ effect: "deny", rules: ["deny"] });
    const firstMatch = createCommunicationGate(rules, { order: "first_match" });
    expect(firstMatch(message)).toMatchObject({ effect: "allow", rules: ["allow"] });
  });

  test("asks before it allows", () => {
    const ask = { action: "require_approval", approver: "boss", reason: "big" } as const;
    const gate = createCommunicationGate([
      { id: "x", condition: always, effect: allow, priority: 9 },
      { id: "y", condition: always, effect: ask, priority: 1 },
    ]);
    expect(gate({ sender: "a", recipient: "b" })).toMatchObject({ effect: "ask", role: "boss" });
  });

  test.each<[string, unknown[], object]>([
    [
      "a condition that nobody knows",
      [{ id: "a", condition: { t: "topic" }, effect: allow, priority: 1 }],
      {},
    ],
    [
      "a nested condition that nobody knows",
      [{ id: "a", condition: { t: "all", of: [{ t: "x" }] }, effect: allow, priority: 1 }],
      {},
    ],
    [
      "an effect that nobody knows",
      [{ id: "a", condition: always, effect: { action: "log" }, priority: 1 }],
      {},
    ],
    ["a sender without a name", [{ id: "a", condition: { t: "sender" }, effect: deny, priority: 1 }], {}],
    [
      "a priority that is no number",
      [{ id: "a", condition: always, effect: deny, priority: Number.NaN }],
      {},
    ],
    ["two rules of one id", [rules[0], rules[0]], {}],
    ["an order that nobody knows", [], { order: "last_match" }],
  ])("refuses %s instead of leaving it out", (_, list, options) => {
    expect(() => createCommunicationGate(list as never, options)).toThrow(RangeError);
  });

  test("is only a way to ask the engine", () => {
    const rule = point('allow: message(recipient) if recipient == "auditor" && message.type == "report"');
    const send = (recipient: string, type: string) =>
      rule.decide(messageRequest(agent, { sender: "worker", recipient, type })).effect;
    expect([send("auditor", "report"), send("auditor", "order"), send("shell", "report")]).toEqual([
      "allow",
      "deny",
      "deny",
    ]);
  });
});

describe("the schedule gate", () => {
  const job = { name: "nightly", policyIds: [], consecutiveFailures: 0, totalRuns: 9, systemLoad: 0.5 };

  test("denies what was not measured", () => {
    const gate = createScheduleGate([], { byDefault: "allow" });
    expect(gate(job).effect).toBe("allow");
    for (const name of ["consecutiveFailures", "totalRuns", "systemLoad"]) {
      expect(gate({ ...job, [name]: Number.NaN })).toMatchObject({ effect: "deny", code: "engine.request" });
      expect(gate({ ...job, [name]: undefined as never }).effect).toBe("deny");
    }
  });

  test.each([
    { type: "consecutive_failures", threshold: Number.NaN },
    { type: "system_load_exceeds", threshold: "0.9" },
    { type: "job_name_matches" },
    { type: "has_policy" },
    { type: "weekday" },
  ])("refuses the condition %j", (condition) => {
    const rules = [{ id: "a", condition, effect: deny, priority: 1 }];
    expect(() => createScheduleGate(rules as never)).toThrow(RangeError);
  });

  test("is only a way to ask the engine", () => {
    const rules = point("allow: run_job(name) deny: run_job(name) if job.consecutive_failures >= 3");
    expect(rules.decide(scheduleRequest(agent, job)).effect).toBe("allow");
    expect(rules.decide(scheduleRequest(agent, { ...job, consecutiveFailures: 3 })).effect).toBe("deny");
  });
});

describe("network resources", () => {
  const rules = point(
    'allow: connect(to) if to.host == "127.0.0.1" || to.host == "api.example" && to.port == 443',
  );

  test.each([
    ["https://api.example/x", "allow"],
    ["HTTPS://API.Example:443/x/../y", "allow"],
    ["https://api.example./", "allow"],
    ["http://api.example/", "deny"],
    ["https://api.example:8443/", "deny"],
    ["https://api.example.evil.example/", "deny"],
    ["http://0x7f.1/", "allow"],
    ["http://2130706433/", "allow"],
    ["https://xn--api-9la.example/", "deny"],
    ["https://аpi.example/", "deny"],
  ])("%s is judged in one spelling: %s", (url, effect) => {
    expect(rules.decide(networkRequest(agent, url)).effect).toBe(effect);
  });

  test.each([
    ["redis://DB.Internal:6379/0", "db.internal", "/0"],
    ["redis://%64b.internal./0", "db.internal", "/0"],
    ["postgres://0x7f.1/x", "127.0.0.1", "/x"],
    ["redis://[0:0:0:0:0:ffff:7f00:1]/", "[::ffff:7f00:1]", "/"],
    ["https://a.example/%61dmin/%2e%2E/%41%2f%7e", "a.example", "/A%2F~"],
    ["https://a.example/%61dmin%c3%a4", "a.example", "/admin%C3%A4"],
  ])("%s leads to %s, path %s", (url, host, path) => {
    expect(networkRequest(agent, url).context["subjects"]).toMatchObject([{ host, path }]);
  });

  test.each([
    "redis://a b/",
    "redis://a%2fb/",
    "api.example",
    "https://user:pw@api.example",
    "file:///etc/passwd",
    "data:,x",
  ])("refuses %s", (url) => {
    expect(() => networkRequest(agent, url)).toThrow(RangeError);
    expect(() => networkRequest(agent, url)).not.toThrow(/pw|passwd/);
  });
});

describe("file resources", () => {
  let top = "";
  let root = "";
  beforeAll(() => {
    top = realpathSync(mkdtempSync(join(tmpdir(), "file-resource-")));
    root = join(top, "root");
    mkdirSync(join(root, "docs"), { recursive: true });
    writeFileSync(join(root, "docs", "a.txt"), "");
    writeFileSync(join(top, "secret.txt"), "");
    symlinkSync("../../secret.txt", join(root, "docs", "escape.txt"));
    symlinkSync("docs", join(root, "link"));
    symlinkSync("../nowhere", join(root, "dangling"));
    symlinkSync(top, join(root, "up"));
    mkdirSync(join(top, "rootlike"));
    writeFileSync(join(top, "rootlike", "b.txt"), "");
  });
  afterAll(() => rmSync(top, { recursive: true, force: true }));
  const rules = point(
    'allow: read(file) if file.inside.starts_with("docs/") allow: write(file) if file.inside == "docs/new.txt"',
  );
  const decide = (path: string, access: "read" | "write" = "read") =>
    rules.decide(fileRequest(agent, { root, path, access })).effect;

  test("are judged by where they lead", () => {
    expect(decide("docs/a.txt")).toBe("allow");
    expect(decide("./link/../docs//a.txt")).toBe("allow");
    expect(decide("link/a.txt")).toBe("allow");
    expect(decide(join(root, "docs/a.txt"))).toBe("allow");
    expect(decide("docs/new.txt", "write")).toBe("allow");
    expect(decide("link/new.txt", "write")).toBe("allow");
    expect(decide("docs/other.txt", "write")).toBe("deny");
  });

  test.each([
    "docs/escape.txt",
    "../secret.txt",
    "docs/../../secret.txt",
    "up/secret.txt",
    "dangling",
    "../rootlike/b.txt",
    "/etc/passwd",
    "missing/folder/a.txt",
    "docs/a.txt/x",
    "a\0b",
  ])("%s leads out, or nowhere, and is refused", (path) => {
    for (const access of ["read", "write"] as const) expect(() => decide(path, access)).toThrow(RangeError);
  });
});
