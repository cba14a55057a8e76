import type { PlaceConfidence, ScanRule } from "../scan-rule.ts";

const USED: PlaceConfidence = { code: "medium", fence: "medium", prose: "low" };

/** More rights than the user gave, or another process' memory. */
export const privilegeRules: readonly ScanRule[] = [
  {
    id: "priv.setuid",
    severity: "high",
    confidence: { ...USED, prose: "medium" },
    why: "a program would run with another user's rights",
    anchors: ["chmod"],
    steps: [
      "(?<![\\w-])chmod\\s{1,4}(?:-{1,2}\\w{1,10}\\s{1,3}){0,2}[\"']?(?:[ugoa]{0,4}\\+[rwx]{0,3}s[rwxt]{0,3}|[2467][0-7]{3})\\b",
    ],
  },
  {
    id: "priv.capabilities",
    severity: "high",
    confidence: USED,
    why: "a program is given rights of the system",
    anchors: ["setcap", "nsenter", "nopasswd"],
    steps: [
      "(?<![\\w-])setcap\\s{1,4}[\"']?cap_\\w|(?<![\\w-])nsenter\\s{1,4}(?:-|--)\\w|\\ball\\s{0,3}=\\s{0,3}\\(\\w{1,8}(?::\\w{1,8})?\\)\\s{0,3}nopasswd\\s{0,2}:\\s{0,2}all",
    ],
  },
  {
    id: "priv.process-memory",
    severity: "high",
    confidence: { ...USED, prose: "medium" },
    why: "another process is looked into or changed",
    anchors: ["ptrace", "/mem", "process_vm_writev", "gdb"],
    steps: [
      "\\bptrace_(?:attach|seize|poke\\w{4,5})\\b|/proc/(?:\\d{1,7}|self|\\$\\{?\\w{1,20}\\}?|\\{\\w{1,20}\\})/mem\\b|process_vm_writev|(?<![\\w-])gdb\\s{1,3}(?:-p|--pid|attach)\\b",
    ],
  },
  {
    id: "priv.preload",
    severity: "high",
    confidence: USED,
    why: "a library is slipped into other programs",
    anchors: ["ld_preload", "dyld_insert_libraries", "ld.so.preload"],
    steps: [
      "\\b(?:ld_preload|dyld_insert_libraries)[\"'\\]]{0,2}\\s{0,2}=\\s{0,2}[\"']?[/$~.]|/etc/ld\\.so\\.preload",
    ],
    raise: "(?:>|\\btee\\b)[^\\n]{0,40}/etc/ld\\.so\\.preload|=\\s{0,2}[\"']?/(?:tmp|dev/shm|var/tmp)/",
  },
  {
    id: "priv.container-escape",
    severity: "high",
    confidence: { ...USED, prose: "medium" },
    why: "a container gets hold of its host",
    anchors: ["docker", "podman"],
    steps: [
      "(?<![\\w-])(?:docker|podman)\\s{1,3}(?:container\\s{1,3})?(?:run|create)\\b",
      "(?:-v|--volume)[\\s=]{1,3}[\"']?/:/|--mount\\s{1,3}\\S{0,40}source=/,|--pid[\\s=]{1,3}host\\b",
    ],
    within: 200,
  },
];
