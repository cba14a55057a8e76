import type { PlaceConfidence, ScanRule } from "../scan-rule.ts";

const CERTAIN: PlaceConfidence = { code: "high", fence: "high", prose: "medium" };

/** A shell for somebody else. */
export const reverseShellRules: readonly ScanRule[] = [
  {
    id: "revshell.dev-tcp",
    severity: "critical",
    confidence: CERTAIN,
    why: "the shell opens a connection of its own",
    anchors: ["/dev/tcp/", "/dev/udp/"],
    steps: ["/dev/(?:tcp|udp)/[\\w.$\"'{[%-]"],
    unless: "timeout\\s{1,3}\\d{1,3}\\s[^|;&]{0,60}/dev/tcp/(?:localhost|127\\.0\\.0\\.1)/",
  },
  {
    id: "revshell.netcat",
    isPipe: true,
    severity: "critical",
    confidence: CERTAIN,
    why: "netcat hands a shell to a connection",
    anchors: ["nc", "ncat", "netcat"],
    steps: [
      "(?<![\\w./-])(?:/(?:usr/)?bin/)?(?:nc|ncat|netcat)(?:\\.(?:exe|traditional|openbsd))?(?=\\s)",
      "\\s-{1,2}(?:\\w{0,4}[ec]|exec|sh-exec)[\\s=]{1,3}[\"']?\\S{0,30}?(?:sh|cmd|cmd\\.exe|powershell)\\b|\\|\\s{0,3}(?:/bin/)?(?:ba)?sh\\b",
    ],
    within: 160,
  },
  {
    id: "revshell.socat",
    severity: "critical",
    confidence: CERTAIN,
    why: "socat hands a program to a connection",
    anchors: ["socat"],
    steps: ["(?<![\\w-])socat\\b", "(?:exec|system):"],
    also: "(?:tcp|udp|openssl|ssl)[46]?(?:-\\w{1,8})?:",
  },
  {
    id: "revshell.fifo",
    severity: "critical",
    confidence: CERTAIN,
    why: "a shell is tied to a connection through a pipe",
    anchors: ["mkfifo", "mknod"],
    steps: ["\\b(?:mkfifo|mknod)\\b", "(?<![\\w./-])(?:nc|ncat|netcat|telnet|openssl\\s{1,3}s_client)\\b"],
    within: 300,
  },
  {
    id: "revshell.interactive",
    severity: "critical",
    confidence: CERTAIN,
    why: "an interactive shell is tied to something else",
    anchors: ["sh -i"],
    steps: ["(?<![\\w.-])(?:/bin/)?(?:ba|z|k|da)?sh\\s{1,3}-i\\b", "(?:>&|<&|&>)\\s{0,3}(?:/dev/|\\d|\\$)"],
    within: 60,
  },
  {
    id: "revshell.script",
    severity: "critical",
    confidence: CERTAIN,
    why: "code ties a shell to a connection",
    anchors: ["socket", "tcpclient", "net.connect", "net.createconnection"],
    steps: [
      "socket\\.socket|tcpsocket|use\\s{1,3}socket|io::socket|fsockopen|net\\.(?:connect|socket|createconnection)|tcpclient",
      "dup2|pty\\.spawn|/bin/(?:ba|z|da)?sh|cmd\\.exe",
    ],
    within: 500,
  },
];
