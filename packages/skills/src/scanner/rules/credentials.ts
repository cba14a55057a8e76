import { everywhere, type PlaceConfidence, type ScanRule } from "../scan-rule.ts";
import { CREDENTIAL_ANCHORS, CREDENTIAL_PATH, SINK } from "./vocabulary.ts";

const USED: PlaceConfidence = { code: "medium", fence: "medium", prose: "medium" };
/** Programs that are given a key to use it. */
const PROPER_USE =
  "(?:ssh|scp|rsync|sftp|ssh-add|ssh-keygen|ssh-copy-id)\\b[^|;&\\n]{0,80}(?:-i|-f|identityfile)|ssh-(?:add|keygen|copy-id)\\b|--netrc|\\.ssh/[\\w.-]{1,40}\\.pub\\b|(?<![\\w.-])(?:chmod|mkdir|ls|touch|chown)\\s[^|;&]{0,60}\\.ssh|--kubeconfig|KUBECONFIG=";

/** Secrets of the user are read, or leave. */
export const credentialRules: readonly ScanRule[] = [
  {
    id: "cred-exfil.file",
    severity: "critical",
    confidence: { code: "high", fence: "high", prose: "medium" },
    why: "a credential file and something that sends stand in one command",
    anchors: CREDENTIAL_ANCHORS,
    steps: [CREDENTIAL_PATH],
    also: SINK,
    unless: PROPER_USE,
  },
  {
    id: "cred-exfil.environment",
    severity: "critical",
    confidence: { code: "high", fence: "high", prose: "medium" },
    why: "the whole environment is sent away",
    anchors: ["env", "set |", "set|"],
    steps: [
      "(?<![\\w./$-])(?:printenv|env|set|export\\s{1,2}-p)\\s{0,3}(?:\\||\\)|`)|(?<![\\w.])os\\.environ(?=\\s{0,3}[,)])|json\\.stringify\\(\\s{0,3}process\\.env\\s{0,3}\\)",
    ],
    also: SINK,
    unless: "\\benv\\s{0,3}=",
  },
  {
    id: "cred-exfil.url",
    severity: "critical",
    confidence: USED,
    why: "a secret is put into an address",
    anchors: ["http://", "https://"],
    steps: [
      "https?://[^\\s\"'<>]{3,200}?[?&=/][\"']{0,2}\\$\\{?\\(?\\w{0,30}(?:secret|passw|seed|mnemonic|private_?key|credential)",
    ],
  },
  {
    id: "cred-exfil.dns",
    severity: "high",
    confidence: USED,
    why: "something computed is looked up as a name, which tells it to whoever owns the domain",
    anchors: ["dig", "nslookup", "host "],
    steps: [
      "(?<![\\w./-])(?:dig|nslookup|host)\\s{1,4}(?:[-+@]\\S{1,30}\\s{1,3}){0,3}[\"']?[\\w.-]{0,40}(?:\\$\\(|`|\\$\\{?\\w{1,40}\\}?)[^\\n]{0,120}?\\.[a-z]{2}",
    ],
  },
  {
    id: "cred-read.file",
    severity: "high",
    confidence: USED,
    why: "a credential file of the user is read",
    anchors: CREDENTIAL_ANCHORS,
    steps: [
      "(?<![\\w-])(?:cat|less|more|head|tail|cp|mv|scp|rsync|tar|zip|7z|base64|xxd|type|get-content|gc|copy(?:file)?\\w{0,4}|read(?:file\\w{0,4}|text)?|open|gather|collect|include|upload|send|attach|exfiltrate|grep|awk|sed|strings|dump)\\b",
      CREDENTIAL_PATH,
    ],
    within: 160,
    unless: `${PROPER_USE}|\\b(?:never|not|don'?t|avoid)\\s{1,3}(?:\\w{1,12}\\s{1,3}){0,3}(?:read|open|send|include|upload|cat|copy|commit)`,
    paragraphs: true,
  },
  {
    id: "cred-read.keychain",
    severity: "high",
    confidence: USED,
    why: "passwords are taken out of the keychain",
    anchors: ["security ", "keyctl", "secret-tool", "vaultcmd", "cmdkey"],
    steps: [
      "\\bsecurity\\s{1,3}(?:find-(?:generic|internet)-password|dump-keychain|export\\b)|\\bkeyctl\\s{1,3}(?:read|print|pipe)\\b|\\bsecret-tool\\s{1,3}(?:lookup|search)\\b|\\bvaultcmd\\s{1,3}/list|\\bcmdkey\\s{1,3}/list",
    ],
  },
  {
    id: "cred-read.dialog",
    severity: "high",
    confidence: USED,
    why: "a window asks for a password that nobody sees being typed",
    anchors: ["hidden answer", "get-credential", "promptforcredential"],
    steps: [
      "\\bdisplay\\s{1,3}dialog\\b[^\\n]{0,200}?\\bhidden\\s{1,3}answer\\b|(?:get-credential|promptforcredential)\\b[^\\n]{0,160}?getnetworkcredential",
    ],
  },
  {
    id: "cred-read.shadow",
    severity: "high",
    confidence: USED,
    why: "password hashes of the machine are read",
    anchors: ["/etc/shadow", "/etc/gshadow", "/etc/sudoers", "/etc/master.passwd"],
    steps: [
      "(?<![\\w-])(?:cat|head|tail|less|more|cp|base64|awk|cut|open|read\\w{0,8})\\b",
      "/etc/(?:shadow|gshadow|sudoers|master\\.passwd)\\b",
    ],
    within: 80,
  },
  {
    id: "cred-read.browser",
    severity: "high",
    confidence: { code: "medium", fence: "medium", prose: "low" },
    why: "passwords or cookies of a browser are read",
    anchors: [
      "login data",
      "cookies.sqlite",
      "logins.json",
      "key4.db",
      "local state",
      "cookies.binarycookies",
    ],
    steps: [
      "[\\\\/\"'](?:login data|cookies\\.sqlite|logins\\.json|key4\\.db|local state|cookies\\.binarycookies)\\b",
    ],
  },
  {
    id: "cred-read.service-account",
    severity: "high",
    confidence: USED,
    why: "the token of a service account is read",
    anchors: ["serviceaccount/token"],
    steps: ["(?:cat|read\\w{0,8}|open|cp|curl|<)\\b", "kubernetes\\.io/serviceaccount/token"],
    within: 120,
  },
  {
    id: "cred-read.seed-phrase",
    severity: "critical",
    confidence: everywhere("medium"),
    why: "the user is asked for what opens a wallet",
    anchors: ["seed phrase", "recovery phrase", "mnemonic", "private key of", "wallet's private key"],
    steps: [
      "\\b(?:ask|request|prompt|collect|enter|provide|paste|give|send|type)\\w{0,3}\\b",
      "\\b(?:seed|recovery|mnemonic|secret\\s{1,2}recovery)\\s{1,2}(?:phrase|words)|wallet'?s?\\s{1,3}(?:private\\s{1,2}key|mnemonic)",
    ],
    within: 120,
    paragraphs: true,
  },
];
