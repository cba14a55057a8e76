import { everywhere, type ScanRule } from "../scan-rule.ts";
import { PIPED_INTERPRETER, SHELL_READER } from "./vocabulary.ts";

const DECODER =
  "(?:(?<![\\w.-])base(?:64|32)\\b[^|\\n]{0,60}?\\s-{1,2}d(?:ecode)?\\b|\\bopenssl\\s{1,3}(?:base64|enc)\\b[^|\\n]{0,60}?\\s-d\\b|(?<![\\w.-])xxd\\s{1,3}[^|\\n]{0,20}?-\\w{0,2}r|\\bcertutil\\b[^|\\n]{0,40}?-decode|(?<![\\w.-])tr\\s{1,3}['\"]?(?:a-z|n-z|A-Z|\\[a-z)\\S{0,12}['\"]?\\s{1,3}['\"]?(?:n-z|a-m|\\[n-z)|(?<![\\w.-])rev\\s{0,4}(?=\\|)|\\buudecode\\b|printf\\s{1,3}['\"](?:\\\\x[0-9a-f]{2}|\\\\[0-7]{3}){4}|echo\\s{1,3}-\\w{0,2}e\\w{0,2}\\s{1,3}['\"](?:\\\\x[0-9a-f]{2}|\\\\[0-7]{3}){4})";

/** What is hidden from the reader is run. */
export const decodeExecRules: readonly ScanRule[] = [
  {
    id: "decode-exec.pipe",
    isPipe: true,
    severity: "critical",
    confidence: everywhere("high"),
    why: "something encoded is decoded into an interpreter",
    anchors: ["base64", "base32", "openssl", "xxd", "certutil", "tr ", "rev", "uudecode", "printf", "echo"],
    steps: [DECODER, PIPED_INTERPRETER],
    within: 400,
  },
  {
    id: "decode-exec.substitution",
    severity: "critical",
    confidence: everywhere("high"),
    why: "something encoded is decoded and run as a command",
    anchors: ["base64", "base32", "openssl", "xxd", "rev", "tr "],
    steps: [`${SHELL_READER}[^|;&\\n]{0,24}(?:<\\(|<<<|\\$\\(|\`)`, DECODER],
    within: 400,
  },
  {
    id: "decode-exec.code",
    severity: "critical",
    confidence: { code: "high", fence: "medium", prose: "medium" },
    why: "code runs something that it decodes",
    anchors: ["exec", "eval", "system", "subprocess", "popen", "function", "spawn", "import"],
    steps: [
      "(?:(?<![.\\w])(?:exec|eval|new\\s{1,3}function|__import__)|os\\.(?:system|popen)|subprocess\\.\\w{3,13}|(?:child_process|cp)(?:['\"]\\))?\\.exec\\w{0,8}|(?<![.\\w])(?:execsync|spawnsync|spawn|shell_exec|system|passthru))\\s{0,3}\\(",
      "b64decode|a85decode|base64[._]decode|decodestring|frombase64string|(?<![\\w.])atob\\s{0,2}\\(|['\"](?:base64|hex)['\"]\\s{0,2}\\)|bytes\\.fromhex|unhexlify|codecs\\.decode|zlib\\.(?:decompress|inflate)|gzinflate|fromcharcode|marshal\\.loads|\\[::-1\\]|\\.reverse\\(\\)\\.join",
    ],
    within: 500,
  },
  {
    id: "decode-exec.powershell",
    severity: "critical",
    confidence: { code: "high", fence: "high", prose: "medium" },
    why: "PowerShell is given an encoded command",
    anchors: ["powershell", "pwsh"],
    steps: [
      "(?<![\\w-])(?:powershell|pwsh)(?:\\.exe)?\\b",
      "\\s[-/]e(?:n|nc|nco|ncodedcommand)?\\s{1,3}['\"]?[a-z0-9+/=]{8}",
    ],
    within: 160,
  },
];
