import type { PlaceConfidence, ScanRule } from "../scan-rule.ts";
import {
  FETCHER,
  FETCHERS,
  KNOWN_INSTALLER,
  ODD_HOST,
  PIPED_INTERPRETER,
  SHELL_READER,
} from "./vocabulary.ts";

const RUNS: PlaceConfidence = { code: "high", fence: "medium", prose: "medium" };
const hosts = { demote: KNOWN_INSTALLER, raise: ODD_HOST } as const;

/** What is fetched is run at once. */
export const remoteExecRules: readonly ScanRule[] = [
  {
    id: "remote-exec.pipe",
    isPipe: true,
    severity: "critical",
    confidence: RUNS,
    why: "something from the network is piped into an interpreter",
    anchors: FETCHERS,
    steps: [FETCHER, PIPED_INTERPRETER],
    within: 400,
    ...hosts,
  },
  {
    id: "remote-exec.substitution",
    severity: "critical",
    confidence: RUNS,
    why: "something from the network is run as a command",
    anchors: FETCHERS,
    steps: [`${SHELL_READER}[^|;&]{0,24}(?:<\\(|\\$\\(|\`)\\s{0,4}`, FETCHER],
    within: 120,
    ...hosts,
  },
  {
    id: "remote-exec.powershell",
    severity: "critical",
    confidence: RUNS,
    why: "PowerShell runs what it fetches",
    anchors: ["iex", "invoke-expression"],
    steps: ["(?<![\\w.-])(?:iex|invoke-expression)\\b"],
    also: "downloadstring|downloaddata|(?<![\\w-])(?:iwr|irm|invoke-webrequest|invoke-restmethod)\\b|net\\.webclient",
    ...hosts,
  },
  {
    id: "remote-exec.code",
    severity: "critical",
    confidence: RUNS,
    why: "code evaluates what it fetches",
    anchors: ["exec", "eval", "function", "pickle", "marshal", "loadstring", "runin"],
    steps: [
      "(?<![.\\w])(?:exec|eval|new\\s{1,3}function|pickle\\.loads?|cloudpickle\\.loads?|marshal\\.loads?|dill\\.loads?|loadstring|vm\\.runin\\w{3,16})\\s{0,3}\\(|(?<![.\\w])eval\\s{1,3}(?=get\\b|uri\\.|open\\b|lwp|net::)",
      "requests\\.get|urlopen|urllib|httpx\\.get|axios|(?<![\\w.])fetch\\s{0,2}\\(|https?\\.get|file_get_contents|net::http|open-uri|uri\\.(?:open|parse)|(?<![.\\w>])get\\s{0,2}\\(?\\s{0,2}[\"']https?:",
    ],
    within: 200,
  },
  {
    id: "remote-exec.then-eval",
    severity: "critical",
    confidence: RUNS,
    why: "code evaluates what it fetches",
    anchors: ["eval"],
    steps: ["(?<![\\w.])(?:fetch|axios(?:\\.get)?|got)\\s{0,2}\\(", "(?<![.\\w])eval\\b"],
    within: 240,
  },
  {
    id: "remote-exec.windows-tool",
    severity: "critical",
    confidence: { code: "medium", fence: "medium", prose: "medium" },
    why: "a tool of Windows fetches or runs something from the network",
    anchors: ["certutil", "mshta", "bitsadmin", "regsvr32"],
    steps: [
      "(?<![\\w-])(?:certutil(?:\\.exe)?\\s[^\\n]{0,60}?[-/]urlcache\\b|mshta(?:\\.exe)?\\s{1,3}|bitsadmin(?:\\.exe)?\\s[^\\n]{0,60}?/transfer\\b|regsvr32(?:\\.exe)?\\s[^\\n]{0,60}?/i:)",
      "https?:|javascript:|vbscript:",
    ],
    within: 240,
    raise: ODD_HOST,
  },
  {
    id: "remote-exec.download-run",
    severity: "critical",
    confidence: { code: "medium", fence: "medium", prose: "medium" },
    why: "a file is fetched and run",
    anchors: FETCHERS,
    steps: [
      `${FETCHER}[^\\n]{0,160}?(?:\\s-{1,2}(?:o|outfile|output(?:-document)?|q?O)\\b|>)`,
      "(?:&&|;|\\|\\|)\\s{0,4}(?:sudo\\s{1,4})?(?:chmod\\s{1,4}\\S{0,6}[x157]\\b|(?:ba|z|da)?sh\\s{1,3}[\\w./$~\"'{]|\\./|python[\\d.]{0,4}\\s{1,3}[\\w./$~\"'{]|\\$\\{?\\w)",
    ],
    within: 320,
    ...hosts,
  },
];
