// An agent with files and mail. The policies stand in `policies`, what they must say in `cases.json`; here the real
// filesystem server and a small mailer stand behind the gate.
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { Gate } from "@symbiont/core";
import { generateKeyPair } from "@symbiont/keys";
import type { AuditRecord, DecisionRequest, JsonObject, ToolDefinition } from "@symbiont/kit";
import { createDecisionPoint, parsePolicyCases, runPolicyCases } from "@symbiont/policy";
import { ApprovalDesk, MemoryApprovalStore } from "@symbiont/policy/approvals";
import { createSlackNotifier, createSlackReceiver } from "@symbiont/policy/approvals/slack";
import { createArgumentChecker } from "@symbiont/policy/arguments";
import { PolicyFolder } from "@symbiont/policy/files";
import { withSessionFacts } from "@symbiont/policy/session";
import { MemoryPinStore, SchemaPinToolVerifier, signTool } from "@symbiont/schemapin";
import { createWebhookVerifier, MemoryReplayStore, signWebhook } from "@symbiont/webhook-verify";
import { slack } from "@symbiont/webhook-verify/presets/slack";

/** Takes one line and whether the expectation held. */
export type Show = (held: boolean, what: string) => void;

const here = fileURLToPath(new URL(".", import.meta.url));

const SEND_MAIL: ToolDefinition = {
  name: "send_mail",
  description: "Sends a message.",
  inputSchema: {
    type: "object",
    properties: { to: { type: "string", maxLength: 200 }, body: { type: "string" } },
    required: ["to", "body"],
  },
};

export async function mailAndFiles(show: Show): Promise<void> {
  // ── The policies, watched; and their cases.
  const policies = await PolicyFolder.open(join(here, "policies"), { entryPoints: ["chat", "schedule"] });
  const chat = createDecisionPoint(policies.at("chat"));
  const cases = parsePolicyCases(readFileSync(join(here, "cases.json")), { file: "cases.json" });
  const report = await runPolicyCases(cases, chat);
  const failures = report.results.flatMap(({ name, differences }) =>
    differences.map((line) => `${name}: ${line}`),
  );
  show(
    report.failed === 0 && report.passed > 0,
    `${report.passed} policy cases: ${failures.join("; ") || "as expected"}`,
  );

  // ── What the agent works with.
  const top = realpathSync(mkdtempSync(join(tmpdir(), "mail-and-files-")));
  const workspace = join(top, "work/");
  mkdirSync(join(workspace, "hr"), { recursive: true });
  writeFileSync(join(workspace, "notes.txt"), "the moon is made of rock");
  writeFileSync(join(workspace, "hr/salaries.csv"), "dana,1\nkim,2");
  const script = fileURLToPath(import.meta.resolve("@modelcontextprotocol/server-filesystem/dist/index.js"));
  const files = new Client({ name: "host", version: "1.0.0" });
  await files.connect(
    new StdioClientTransport({ command: process.execPath, args: [script, top], stderr: "ignore" }),
  );
  const outbox: JsonObject[] = [];

  // ── The owner, in Slack.
  const secrets = ["the signing secret of the Slack app"];
  const posted: JsonObject[] = [];
  const records: AuditRecord[] = [];
  const audit = { append: async (record: AuditRecord) => ({ sequence: records.push(record) - 1 }) };
  const desk = new ApprovalDesk({
    store: new MemoryApprovalStore(),
    roles: { owner: { approvers: ["dana"] } },
    audit,
    notifiers: [
      createSlackNotifier({
        channel: "C0APPROVALS",
        post: async (message) => {
          posted.push(message);
        },
      }),
    ],
  });
  const slackEndpoint = createSlackReceiver({
    desk,
    team: "T0CORP",
    approvers: { U0DANA: "dana" },
    verifier: createWebhookVerifier(slack, { secrets, replay: new MemoryReplayStore() }),
  });

  // ── The gate.
  const { privateKey: key } = generateKeyPair("ES256");
  const domain = "tools.example.com";
  const discovery = { schema_version: "1.4", public_key_pem: key.publicKey.toPem() };
  const { tools } = await files.listTools();
  const signed = (offered: readonly ToolDefinition[]) => ({
    domain,
    discovery,
    envelopes: new Map(offered.map((tool) => [tool.name, signTool(tool, { key, domain })])),
  });
  const gate = new Gate({
    identity: { kind: "agent", id: "assistant" },
    rate: "unlimited",
    tools: new SchemaPinToolVerifier({
      servers: new Map([
        ["files", signed(tools as ToolDefinition[])],
        ["mail", signed([SEND_MAIL])],
      ]),
      pins: new MemoryPinStore(),
      mode: "strict",
      firstUse: "trust",
    }),
    arguments: createArgumentChecker(),
    policy: withSessionFacts(chat, {
      session: ({ context }) => context["sessionId"] as string,
      labels: confidential,
    }),
    audit,
    approver: desk,
    approvalTimeoutMs: 1_000,
  });
  await gate.verifyTools(tools as ToolDefinition[], "files");
  await gate.verifyTools([SEND_MAIL], "mail");

  let count = 0;
  const call = async (sessionId: string, tool: string, given: JsonObject): Promise<string> => {
    const server = tool === "send_mail" ? "mail" : "files";
    count += 1;
    const request = {
      id: `call-${count}`,
      server,
      tool,
      arguments: JSON.stringify(given),
      context: { sessionId, workspace },
    };
    const result = await gate.run(request, async ({ tool: name, arguments: checked }) => {
      if (name === "send_mail") outbox.push(checked);
      else await files.callTool({ name, arguments: { ...checked } });
    });
    return result.denied ? result.code : "done";
  };
  const read = async (session: string, path: string) =>
    call(session, "read_text_file", { path: join(workspace, path) });
  const send = async (session: string, to: string) => call(session, "send_mail", { to, body: "as promised" });

  show((await read("a", "notes.txt")) === "done", "a file of the workspace is read");
  show((await read("a", "../secret.txt")) === "default", "a file outside is not");
  show((await send("a", "kim@corp.example")) === "done", "mail inside the house goes out");

  // ── Mail to the world waits for a click of the owner.
  const asked = send("a", "kim@example.org");
  while (posted.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const stranger = await click(slackEndpoint, secrets, posted[0], "U0MALLORY");
  const forged = await click(slackEndpoint, ["another secret"], posted[0], "U0DANA");
  show(
    stranger.includes("not an approver") && forged === "401",
    "neither a stranger's click nor a forged one counts",
  );
  const answer = await click(slackEndpoint, secrets, posted[0], "U0DANA");
  show(
    (await asked) === "done" && answer.includes("approved"),
    "mail to the world goes out when the owner has clicked",
  );
  const again = await click(slackEndpoint, secrets, posted[0], "U0DANA");
  show(again.includes("Not counted"), "and a second click does nothing");

  // ── Nobody clicks.
  const late = await send("a", "kim@example.org");
  const expired = records.filter(({ type }) => type === "approval.expired").length;
  show(
    late === "GATE_APPROVAL_TIMED_OUT" && expired === 1,
    `without a click it is denied, on record: ${late}`,
  );

  // ── What was read in confidence stays in the house.
  show((await read("b", "hr/salaries.csv")) === "done", "a confidential file is read");
  show(
    (await send("b", "kim@example.org")) === "deny.rule",
    "after that nothing goes to the world in this session",
  );
  show(posted.length === 2, "and nobody is even asked");
  show((await send("b", "dana@corp.example")) === "done", "inside the house it does");
  const together = await Promise.all([read("c", "hr/salaries.csv"), send("c", "eve@example.org")]);
  show(together[0] === "done" && together[1] === "deny.rule", "nor does it help to do both at once");
  const recipients = outbox.flatMap(({ to }) => (typeof to === "string" ? [to] : []));
  show(
    recipients.join() === "kim@corp.example,kim@example.org,dana@corp.example",
    `sent: ${recipients.join(", ")}`,
  );

  // ── At night, with other policies.
  const night = createDecisionPoint(policies.at("schedule"));
  const request: DecisionRequest = {
    principal: { kind: "agent", id: "assistant" },
    action: "send_mail",
    resource: { kind: "tool", id: "mail/send_mail" },
    context: { args: { to: "kim@example.org", body: "" }, session: { labels: [] } },
  };
  const decision = night.decide(request);
  show(
    decision.effect === "deny" && decision.rules[0] === "unattended#0",
    "a scheduled run sends nothing to the world",
  );

  const used = records.filter(({ type }) => type === "approval.used").length;
  show(used === 1, "the journal has one approval, used once");
  desk.close();
  policies.close();
  await files.close();
  rmSync(top, { recursive: true, force: true });
}

/** What an action brings into the session. */
function confidential({ action, context }: DecisionRequest): readonly string[] {
  const { path = "" } = context["args"] as { readonly path?: string };
  return action === "read_text_file" && path.includes("/hr/") ? ["confidential"] : [];
}

/** A click on the first button of a message, as Slack sends it; gives what Slack would show, or the status. */
async function click(
  endpoint: (request: Request) => Promise<Response>,
  secrets: readonly string[],
  message: JsonObject | undefined,
  user: string,
): Promise<string> {
  const { blocks } = message as unknown as { blocks: { elements?: JsonObject[] }[] };
  const { action_id, value } = blocks[1]?.elements?.[0] as JsonObject;
  const payload = {
    type: "block_actions",
    team: { id: "T0CORP" },
    user: { id: user },
    actions: [{ action_id, value }],
    // Slack gives each click a time of its own; without it two clicks of one second would look like a replay.
    trigger_id: crypto.randomUUID(),
  };
  const rawBody = new TextEncoder().encode(
    new URLSearchParams({ payload: JSON.stringify(payload) }).toString(),
  );
  const url = "https://gate.example/slack";
  const { headers } = await signWebhook(slack, { rawBody, url, method: "POST" }, { secrets });
  const response = await endpoint(new Request(url, { method: "POST", headers, body: rawBody }));
  return response.ok ? ((await response.json()) as { text: string }).text : String(response.status);
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await mailAndFiles((held, what) => {
    console.log(`${held ? "ok    " : "FAILED"} ${what}`);
    if (!held) process.exitCode = 1;
  });
