import type { PlaceConfidence, ScanRule } from "../scan-rule.ts";

const CERTAIN: PlaceConfidence = { code: "high", fence: "high", prose: "medium" };
const END = "(?:[\\s\"'`;&|)]|$)";
const SYSTEM = "(?:etc|usr|bin|sbin|boot|lib|lib64|var|home|users|root|opt|sys|dev|system|library)";
const EVERYTHING = `(?:/(?:\\*|\\.|${SYSTEM}(?:/\\*|/)?)?${END}|(?:~|\\$\\{?HOME(?::[?-]\\w{0,10})?\\}?)["']?(?:/(?:\\*|\\.\\[?[*!.]?\\]?\\*?)?)?["']?${END}|\\$env:(?:userprofile|home)\\b|[a-z]:\\\\{0,2}(?:users|windows)?\\\\{0,2}\\*?${END})`;

/** What cannot be undone. */
export const destructRules: readonly ScanRule[] = [
  {
    id: "destruct.rm",
    severity: "critical",
    confidence: CERTAIN,
    why: "everything below the root or the home folder is deleted",
    anchors: ["rm"],
    steps: [
      `(?<![\\w./-])rm\\s{1,4}(?=[^;|&\\n]{0,60}?-{1,2}(?:\\w{0,6}r|recursive))(?:-{1,2}[\\w=-]{1,24}\\s{1,4}){1,5}["']?${EVERYTHING}`,
    ],
  },
  {
    id: "destruct.remove-item",
    severity: "critical",
    confidence: CERTAIN,
    why: "everything below the root or the home folder is deleted",
    anchors: ["remove-item", "rmtree", "rmsync", "rimraf", "rd /s", "del /", "format "],
    steps: [
      `(?:remove-item\\b[^\\n|;]{0,80}?-recurse[^\\n|;]{0,60}?|shutil\\.rmtree\\(\\s{0,2}|fs\\.rm(?:sync)?\\(\\s{0,2}|rimraf(?:\\.sync)?[\\s(]{1,2}|rd\\s{1,2}/s\\s{1,2}(?:/q\\s{1,2})?|del\\s{1,2}/\\w\\s{1,2}(?:/\\w\\s{1,2}){0,2}|\\bformat\\s{1,2})["']?(?:${EVERYTHING}|(?:os\\.)?homedir\\(\\)|(?:pathlib\\.)?path\\.home\\(\\)|os\\.path\\.expanduser\\(["']~/?["']\\))`,
    ],
  },
  {
    id: "destruct.device",
    severity: "critical",
    confidence: CERTAIN,
    why: "a disk is overwritten, or the machine is filled up",
    anchors: ["of=/dev/", "mkfs", ":(){", "wipefs", "> /dev/", ">/dev/"],
    steps: [
      "\\bof=/dev/(?:sd|nvme|hd|vd|disk|mmcblk)|(?<![\\w.-])mkfs\\.\\w{2,8}\\s{1,4}(?:-\\S{1,12}\\s{1,4}){0,3}/dev/|:\\(\\)\\s{0,2}\\{\\s{0,2}:\\s{0,2}\\||wipefs\\s{1,3}-a|>\\s{0,2}/dev/(?:sd|nvme|hd|vd|disk)\\w",
    ],
  },
  {
    id: "destruct.find",
    severity: "critical",
    confidence: CERTAIN,
    why: "everything that belongs to the user is deleted",
    anchors: ["find "],
    steps: [
      `(?<![\\w.-])find\\s{1,3}["']?(?:/|~|\\$\\{?HOME\\}?)["']?/?\\s`,
      "-delete\\b|-exec\\s{1,3}rm\\b|\\|\\s{0,3}xargs\\s[^|;]{0,20}rm\\b",
    ],
    within: 200,
  },
  {
    id: "destruct.change-to-root",
    severity: "critical",
    confidence: CERTAIN,
    why: "everything below the root or the home folder is deleted",
    anchors: ["cd /", "cd ~", "cd $home"],
    steps: [
      "(?<![\\w.-])cd\\s{1,3}[\"']?(?:/|~|\\$\\{?HOME\\}?)[\"']?\\s{0,3}(?:&&|;)",
      "(?<![\\w./-])rm\\s{1,4}-\\w{0,6}r\\w{0,4}\\s{1,4}(?:\\*|\\.)|find\\s{1,3}\\.[^;|]{0,120}?-delete",
    ],
    within: 200,
  },
];
