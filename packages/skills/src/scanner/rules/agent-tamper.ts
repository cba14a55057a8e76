import { everywhere, type PlaceConfidence, type ScanRule } from "../scan-rule.ts";

const REVIEW: PlaceConfidence = everywhere("medium");
const WRITES =
  "(?:>{1,2}|\\btee\\b|\\b(?:over)?writ(?:e|es|ing|ten)\\b|\\bmodif(?:y|ies)\\b|\\breplaces?\\b|\\bedit\\b|\\bappend\\w{0,3}\\b|\\badd\\b|\\binsert\\b|\\bput\\b|\\bprepend\\w{0,3}\\b|\\binject\\b|\\bpatch\\b|\\bcp\\b|\\bmv\\b)";

/** The agent itself is changed. */
export const agentTamperRules: readonly ScanRule[] = [
  {
    id: "agent-tamper.identity",
    severity: "critical",
    confidence: { code: "high", fence: "high", prose: "high" },
    why: "the file that says who the agent is would be changed",
    anchors: ["soul.md"],
    steps: [WRITES, "\\bsoul\\.md\\b"],
    within: 120,
    paragraphs: true,
  },
  {
    id: "agent-tamper.instructions",
    severity: "high",
    confidence: REVIEW,
    why: "the agent's standing instructions or memory would be changed",
    anchors: [
      "memory.md",
      "agents.md",
      "claude.md",
      "gemini.md",
      ".cursorrules",
      "copilot-instructions.md",
      ".windsurfrules",
    ],
    steps: [
      "(?:>{1,2}|\\btee\\b|(?:^|[.!?:;>*-]\\s{0,3}|\\b(?:then|now|must|please|always|silently|task,|first,?)\\s{1,3})(?:append|replace|overwrite|prepend|inject|put|write|insert)\\b)",
      "(?:memory|agents|claude|gemini)\\.md\\b|\\.cursorrules|\\.windsurfrules|copilot-instructions\\.md",
    ],
    within: 140,
    paragraphs: true,
  },
  {
    id: "agent-tamper.settings",
    severity: "critical",
    confidence: REVIEW,
    why: "settings, hooks or servers of the agent would be changed",
    anchors: [
      ".claude",
      ".codex",
      ".cursor/",
      ".gemini",
      ".openclaw",
      ".clawdbot",
      ".continue/",
      "claude_desktop_config",
    ],
    steps: [
      WRITES,
      "(?:~|\\$\\{?HOME\\}?|/home/[\\w.-]{1,32}|/Users/[\\w.-]{1,32})/?\\.(?:claude(?:/(?:settings|hooks|config|permissions|plugins|agents|commands|claude\\.md)|\\.json)|codex/(?:config|agents|hooks)|cursor/(?:mcp|hooks|rules)|gemini/settings|openclaw/\\w|clawdbot/\\w|continue/config)|claude_desktop_config",
    ],
    within: 140,
    unless: "\\bcp\\s[^|;&]{0,60}\\.claude/skills|add-skill",
    paragraphs: true,
  },
  {
    id: "agent-tamper.permissions",
    severity: "high",
    confidence: REVIEW,
    why: "the agent's questions to the user would be switched off",
    anchors: [
      "--dangerously",
      "bypasspermissions",
      "--yolo",
      "--trust-all-tools",
      "skipdangerous",
      "autoapprove",
      "auto_approve",
    ],
    steps: [
      "--dangerously-(?:skip-permissions|bypass-approvals\\S{0,20}|allow-all)|bypasspermissions|(?<!\\w)--yolo\\b|--trust-all-tools|skipdangerousmodepermissionprompt|[\"']?auto_?approve(?:all)?[\"']?\\s{0,2}[:=]\\s{0,2}(?:true|[\"']?(?:\\*|all))",
    ],
  },
];
