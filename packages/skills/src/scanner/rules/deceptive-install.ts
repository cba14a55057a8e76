import { everywhere, type ScanRule } from "../scan-rule.ts";
import { ODD_HOST } from "./vocabulary.ts";

/** The user is talked into installing something. */
export const deceptiveInstallRules: readonly ScanRule[] = [
  {
    id: "deceptive-install.password-archive",
    severity: "critical",
    confidence: everywhere("medium"),
    why: "an archive with a password, which no scanner of the system can open",
    anchors: ["pass", " -p"],
    steps: [
      "\\.(?:zip|rar|7z|dmg|img|iso)\\b|\\barchive\\b|(?<![\\w-])(?:unzip|7z|7za|unrar)\\b|\\bextract\\b",
      "\\bpass(?:word|phrase|code)?\\b\\s{0,3}(?:is|:|=|`|\"|'|\\()|\\bwith\\s{1,3}(?:the\\s{1,3})?pass(?:word|phrase)\\b|(?<=(?:unzip|7z|7za|unrar)[^\\n]{0,60})\\s-p\\s{0,2}\\S{3,30}",
    ],
    also: "https?://|\\bdownload|\\bextract|\\bunzip|\\b7z|\\bunrar|\\bopen\\b",
    unless: "\\b(?:encrypt|protect(?:ed|ing)?|decrypt|create|user['’]?s?|ask)\\b",
    within: 160,
    raise: ODD_HOST,
    paragraphs: true,
  },
  {
    id: "deceptive-install.paste",
    severity: "critical",
    confidence: everywhere("medium"),
    why: "the user is told to paste something from an address into a terminal",
    anchors: ["terminal", "powershell", "command prompt", "console", "run dialog"],
    steps: [
      "\\b(?:cop(?:y|ies|ied)|paste\\w{0,3})\\b",
      "\\b(?:paste\\w{0,3}|into|in|to)\\s{1,3}(?:\\w{1,12}\\s{1,3}){0,4}?(?:terminal|powershell|command\\s{1,2}prompt|console|run\\s{1,2}dialog)\\b",
    ],
    also: "https?://",
    within: 200,
    raise: ODD_HOST,
    paragraphs: true,
  },
  {
    id: "deceptive-install.paste-host",
    severity: "high",
    confidence: { code: "medium", fence: "medium", prose: "medium" },
    why: "something comes from a host where anybody can put anything",
    anchors: [
      "pastebin.com",
      "paste.ee",
      "glot.io",
      "rentry.",
      "hastebin.com",
      "termbin.com",
      "ix.io",
      "0x0.st",
      "transfer.sh",
      "gofile.io",
      "anonfiles.com",
      "catbox.moe",
    ],
    steps: [
      "https?://(?:[\\w-]{1,40}\\.){0,3}(?:pastebin\\.com|paste\\.ee|glot\\.io|rentry\\.(?:co|org)|hastebin\\.com|termbin\\.com|ix\\.io|0x0\\.st|transfer\\.sh|gofile\\.io|anonfiles\\.com|catbox\\.moe)\\b",
    ],
  },
  {
    id: "deceptive-install.prerequisite",
    severity: "critical",
    confidence: everywhere("medium"),
    why: "a program from outside the package registries is said to be needed",
    anchors: [".exe", ".msi", ".dmg", ".pkg", ".scr", ".zip", ".apk", ".rar", ".bat", ".appimage"],
    steps: [
      "\\b(?:prerequisites?|requires?d?|must|needs?|before\\s{1,3}(?:using|you|running)|first)\\b",
      "\\b(?:download|install|run|start|execute|open|launch)\\w{0,3}\\b",
      "[\\w-]{1,60}\\.(?:exe|msi|dmg|pkg|scr|zip|rar|apk|bat|appimage)\\b",
    ],
    also: "https?://",
    unless:
      "https?://(?:[\\w-]{1,40}\\.){0,3}(?:github\\.com|python\\.org|nodejs\\.org|microsoft\\.com|apple\\.com|google\\.com|mozilla\\.org|libreoffice\\.org|gnu\\.org|apache\\.org|ffmpeg\\.org|imagemagick\\.org|git-scm\\.com|docker\\.com)\\b",
    within: 300,
    raise: ODD_HOST,
    paragraphs: true,
  },
  {
    id: "deceptive-install.gatekeeper",
    severity: "high",
    confidence: { code: "medium", fence: "medium", prose: "medium" },
    why: "the check of programs from the network is switched off",
    anchors: ["xattr", "spctl", "unblock-file"],
    steps: [
      "(?<![\\w-])xattr\\s{1,3}(?:-\\w{1,3}\\s{1,3}){0,2}-\\w{0,2}(?:c\\w{0,2}\\s|d\\w{0,2}\\s{1,3}[\"']?com\\.apple\\.quarantine)|(?<![\\w-])spctl\\s{1,3}--(?:master|global)-disable|(?<![\\w-])unblock-file\\s",
    ],
  },
  {
    id: "malware.eicar",
    severity: "critical",
    confidence: everywhere("high"),
    why: "the test file that stands for malware",
    anchors: ["eicar-standard-antivirus-test-file"],
    steps: ["\\$eicar-standard-antivirus-test-file!\\$"],
    unconditional: true,
  },
];
