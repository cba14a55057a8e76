import type { Confidence, Severity } from "../scan-rule.ts";

/** A place in code that takes part in a flow. */
export interface FlowPoint {
  readonly at: number;
  readonly text: string;
}

/** What a code file does that matters beyond one line. */
export interface CodeFlow {
  readonly secrets?: FlowPoint;
  readonly sends?: FlowPoint;
  readonly fetches?: FlowPoint;
  readonly evaluates?: FlowPoint;
  readonly opensSocket?: FlowPoint;
  readonly handsOver?: FlowPoint;
  readonly downloads?: FlowPoint;
}

/** A flow that was found. */
export interface FlowFinding {
  readonly ruleId: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly why: string;
  readonly point: FlowPoint;
}

const POINTS: Readonly<Record<Exclude<keyof CodeFlow, "downloads">, string>> = {
  secrets:
    "json\\.stringify\\(\\s{0,3}process\\.env\\s{0,3}[,)]|object\\.(?:entries|assign)\\([^)\\n]{0,40}process\\.env\\s{0,3}[,)]|json\\.dumps\\([^)\\n]{0,40}os\\.environ|dict\\(os\\.environ\\)|os\\.environ\\.items\\(\\)|\\benv\\.to_h(?:ash)?\\b|get-childitem\\s{1,3}env:|(?<![\\w.-])printenv\\b|\\bid_(?:rsa|ed25519|ecdsa)\\b(?!\\.pub)|\\.ssh[\\\\/\"']|\\.aws[\\\\/\"']|[\"'/\\\\]\\.(?:npmrc|netrc|pypirc|git-credentials|gnupg|vault-token|pgpass)\\b|\\.docker[\"'/\\\\]{1,4}\\s{0,2},?\\s{0,2}[\"']?config\\.json|\\.kube[\\\\/\"']|[\\\\/\"']login data\\b|cookies\\.sqlite|logins\\.json|key4\\.db|wallet\\.dat|serviceaccount/token|\\.(?:bash|zsh)_history|library/keychains|169\\.254\\.169\\.254",
  sends:
    "requests\\.(?:post|put|patch)|httpx\\.(?:post|put|patch)|urllib\\.request\\.request\\(|urlopen\\([^)\\n]{1,160}data\\s{0,2}=|http\\.client|axios\\.(?:post|put)|method[\"']?\\s{0,3}[:=]\\s{0,3}[\"'](?:post|put)|socket\\.(?:socket|create_connection)\\(|net\\.(?:connect|createconnection)\\(|sendbeacon|new\\s{1,3}websocket\\(|(?<![\\w.-])curl\\s[^|\\n]{0,160}?\\s-{1,2}(?:d|data\\S{0,12}|f|form|t|upload-file|x\\s{0,2}(?:post|put))\\b|smtplib|ftplib|paramiko|invoke-(?:webrequest|restmethod)\\b[^\\n]{0,120}?-method\\s{1,3}(?:post|put)|uploadstring|uploadfile|uploaddata|net::http\\.post|file_get_contents\\([^\\n]{0,160}?stream_context|lwp::useragent|(?<![\\w./-])(?:nc|ncat)\\s{1,3}[\\w.-]{3,60}\\s{1,3}\\d{2,5}",
  fetches:
    "https?\\.get\\(|(?<![\\w.])fetch\\(|requests\\.get\\(|urlopen\\(|httpx\\.get\\(|axios(?:\\.get)?\\(|downloadstring|downloaddata|net::http\\.get|file_get_contents\\([\"']https?:|invoke-webrequest|invoke-restmethod",
  evaluates:
    "(?<![.\\w])(?:eval|exec)\\s{0,2}\\((?![\"'][\\w\\s.=]{0,40}[\"']\\))|new\\s{1,3}function\\s{0,2}\\(|vm\\.(?:runin\\w{3,16}|script)|(?<![\\w-])(?:invoke-expression|iex)\\b|marshal\\.loads|pickle\\.loads|module\\._compile|instance_eval|require-from-string",
  opensSocket:
    "socket\\.socket\\(|net\\.(?:connect|createconnection|socket)\\b|tcpsocket|tcpclient|fsockopen|/dev/tcp/",
  handsOver:
    "dup2\\(|pty\\.spawn|\\.pipe\\(\\s{0,2}\\w{1,24}\\.stdin|\\.stdout\\.pipe\\(|subprocess\\.popen\\(\\s{0,2}\\[?[\"']/bin/(?:ba)?sh|spawn\\(\\s{0,2}[\"'](?:/bin/)?(?:ba|z)?sh[\"']|cmd\\.exe",
};
const compiled = new Map<string, RegExp>();

/** Takes note of what a code file does. */
export function codeFlow(text: string): CodeFlow {
  const flow: { -readonly [name in keyof CodeFlow]: FlowPoint } = {};
  for (const [name, source] of Object.entries(POINTS) as [keyof CodeFlow, string][]) {
    const pattern = compiled.get(name) ?? new RegExp(source, "i");
    compiled.set(name, pattern);
    const match = pattern.exec(text);
    if (match !== null) flow[name] = { at: match.index, text: match[0] };
  }
  const download = runsDownload(text) ?? evaluatesAnswer(text);
  return download === undefined ? flow : { ...flow, downloads: download };
}

/** What the notes on one file amount to. */
export function* flowFindings(flow: CodeFlow): Generator<FlowFinding> {
  const { secrets, sends, fetches, evaluates, opensSocket, handsOver, downloads } = flow;
  const high = { severity: "high", confidence: "medium" } as const;
  if (secrets !== undefined && sends !== undefined) {
    yield {
      ruleId: "flow.secret-sent",
      ...high,
      why: "code reads secrets and sends something",
      point: secrets,
    };
  }
  if (fetches !== undefined && evaluates !== undefined) {
    const why = "code fetches something and evaluates something";
    yield { ruleId: "flow.fetched-code", ...high, why, point: evaluates };
  }
  if (opensSocket !== undefined && handsOver !== undefined) {
    const why = "code ties a program to a connection";
    yield { ruleId: "flow.remote-shell", severity: "critical", confidence: "medium", why, point: handsOver };
  }
  if (downloads !== undefined) {
    yield { ruleId: "flow.download-run", ...high, why: "a file is fetched and run later", point: downloads };
  }
}

const SAVED =
  /(?<![\w.-])(?:curl|wget|iwr|invoke-webrequest)\b[^\n|;]{0,200}?(?:\s-{1,2}(?:\w{0,4}o|outfile|output(?:-document)?)[\s=]{1,3}|>\s{0,2})["']?([\w./$~{}-]{2,80})/gi;
const MAX_NAMES = 32;

function runsDownload(text: string): FlowPoint | undefined {
  let count = 0;
  for (const match of text.matchAll(SAVED)) {
    const name = match[1] ?? "";
    count += 1;
    // Nobody fetches so many files, unless to keep one of them from being followed.
    if (count > MAX_NAMES) return { at: match.index, text: match[0] };
    if (name.startsWith("/dev/") || /\.(?:json|txt|md|csv|html?|png|jpe?g|pdf|xml|yaml|yml)$/i.test(name))
      continue;
    const quoted = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const run = new RegExp(
      `(?:^|[;&|\\n]|&&)\\s{0,8}(?:(?:sudo|exec|nohup)\\s{1,3})?(?:(?:ba|z|da)?sh\\s{1,3}|source\\s{1,3}|\\.\\s{1,3}|python[\\d.]{0,4}\\s{1,3}|node\\s{1,3}|\\./)?["']?${quoted}(?=["'\\s;&|]|$)`,
    );
    const after = text.slice(match.index + match[0].length);
    if (run.test(after.slice(0, 20_000))) return { at: match.index, text: match[0] };
  }
  return undefined;
}

const CAPTURED =
  /(?<![\w.$-])([A-Za-z_]\w{0,40})=["']?(?:\$\(|`)[^\n)`]{0,60}?(?<![\w.-])(?:curl|wget|aria2c|lynx)\b/g;

/** What is fetched into a variable and run from there. */
function evaluatesAnswer(text: string): FlowPoint | undefined {
  let count = 0;
  for (const match of text.matchAll(CAPTURED)) {
    count += 1;
    if (count > MAX_NAMES) return { at: match.index, text: match[0] };
    const run = new RegExp(
      `(?<![\\w.-])(?:eval|(?:ba|z|da)?sh\\s{1,3}(?:-\\w{1,3}|<<<))\\s{0,3}["']?\\$\\{?${match[1] ?? ""}\\b|(?:echo|printf)\\s[^|\\n]{0,40}?\\$\\{?${match[1] ?? ""}\\b[^|\\n]{0,20}\\|\\s{0,3}(?:ba|z|da)?sh\\b`,
    );
    const after = text.slice(match.index + match[0].length);
    if (run.test(after.slice(0, 20_000))) return { at: match.index, text: match[0] };
  }
  return undefined;
}
