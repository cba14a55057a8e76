import type { JsonObject } from "@symbiont/kit";

const AGENTS = ["planner", "researcher", "coder", "urn:agentpin:deployer.example:scout", "billing-assistant"];
const TOOLS = ["files/read_file", "files/write_file", "web/fetch", "shell/run", "mail/send", "db/query"];
const DENIALS = [
  ["deny.rule", "files#2"],
  ["default", ""],
  ["GATE_RATE_LIMITED", ""],
  ["require.approval:operator", "mail#0"],
  ["args.schema", ""],
] as const;

/** Records of a day as a journal holds them: attempts and what came of them, some of it hostile. Always the same. */
export function* sampleRecords(count: number): Generator<JsonObject> {
  let state = 7;
  const random = (below: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
  const start = Date.UTC(2026, 9, 14, 6);
  const step = Math.floor(86_400_000 / count);
  for (let seq = 0; seq < count; ) {
    const busy = random(10) < 7 ? random(AGENTS.length - 1) : random(AGENTS.length);
    const [tool, agent] = [TOOLS[random(TOOLS.length)] ?? "", AGENTS[busy] ?? ""];
    const about = {
      v: 1,
      type: "tool.call",
      actor: { kind: "agent", id: agent },
      act: `tool_call::${tool.split("/")[1] ?? ""}`,
      res: { kind: "tool", id: tool },
    };
    const ts = (): string => new Date(start + seq * step + random(Math.max(1, step))).toISOString();
    const isBurst = Math.abs(seq / count - 0.62) < 0.03;
    if (random(100) < (isBurst ? 55 : 9)) {
      const [code, rule] = DENIALS[random(DENIALS.length)] ?? DENIALS[0];
      const pol = { engine: "symbi", set: "sha256:00", rules: rule === "" ? [] : [rule], code };
      yield {
        ...about,
        seq,
        ts: ts(),
        out: "denied",
        pol,
        err: { name: "Denial", code },
        data: { call: `call-${seq}` },
      };
      seq += 1;
      continue;
    }
    const pol = { engine: "symbi", set: "sha256:00", rules: ["files#0"], code: "allow.rule" };
    const args = { path: `/srv/data/report-${random(900)}.txt`, token: "[REDACTED:token]" };
    yield { ...about, seq, ts: ts(), out: "attempt", pol, data: { call: `call-${seq}`, args } };
    seq += 1;
    if (seq >= count) return;
    const failed = random(100) < 3;
    const end = failed ? { out: "failure", err: { name: "Error", code: "TOOL_FAILED" } } : { out: "success" };
    yield {
      ...about,
      seq,
      ts: ts(),
      of: seq - 1,
      ...end,
      data: { call: `call-${seq - 1}`, ms: random(900) / 10 },
    };
    seq += 1;
  }
}

/** What somebody would write who wants the reader's browser or eyes. */
export const HOSTILE = [
  "</script><script>globalThis.owned = 1</script>",
  '"><img src=x onerror="globalThis.owned = 1">',
  "<!--<script>",
  "javascript:globalThis.owned=1",
  "admin\u202etxt.exe",
  "\u001b]0;owned\u0007\u001b[2J",
  "constructor",
  "__proto__",
] as const;
