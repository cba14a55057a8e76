import { everywhere, type ScanRule } from "../scan-rule.ts";

function note(id: string, why: string, anchors: readonly string[], step: string): ScanRule {
  return { id, severity: "low", confidence: everywhere("low"), why, anchors, steps: [step] };
}

/** Ordinary things that Symbiont reports; they never change a verdict, and their names carry configurations over. */
export const noteRules: readonly ScanRule[] = [
  note(
    "note.env-file",
    "a file with settings is named",
    [".env"],
    "(?<![\\w)\\]])\\.env\\b(?!\\.example|\\.sample)",
  ),
  note(
    "note.world-writable",
    "anybody may write to it",
    ["chmod"],
    "(?<![\\w-])chmod\\s{1,4}(?:-\\w{1,3}\\s{1,3})?0?777\\b",
  ),
  note("note.sudo", "rights of the administrator are used", ["sudo"], "(?<![\\w-])sudo\\s{1,4}[\\w-]"),
  note(
    "note.chown-root",
    "something is given to the administrator",
    ["chown"],
    "(?<![\\w-])chown\\s{1,4}(?:-\\w{1,3}\\s{1,3})?(?:root\\b|0:)",
  ),
  note("note.unshare", "a namespace is entered", ["unshare"], "(?<![\\w-])unshare\\s{1,4}-"),
  note(
    "note.netcat",
    "netcat connects",
    ["nc ", "ncat ", "netcat "],
    "(?<![\\w./-])(?:nc|ncat|netcat)\\s{1,4}(?:-\\w{1,4}\\s{1,3}(?:\\d{1,5}\\s{1,3})?){0,4}[\\w-]{1,63}(?:\\.[\\w-]{1,63}){1,6}\\s{1,3}\\d{1,5}\\b",
  ),
  note(
    "note.link-out",
    "a link leads out of the folder",
    ["ln "],
    "(?<![\\w-])ln\\s{1,4}-\\w{0,4}s\\w{0,4}\\s{1,4}[\"']?/(?:etc|home|root|var|tmp)\\b",
  ),
  note("note.deep-path", "a path leads far up", ["../../.."], "\\.\\./\\.\\./\\.\\."),
  note(
    "note.curl-save",
    "a file is fetched",
    ["curl"],
    "(?<![\\w-])curl(?=\\s)[^|;&\\n]{0,200}?\\s-{1,2}(?:\\w{0,6}o|output|remote-name)\\b",
  ),
  note(
    "note.wget-save",
    "a file is fetched",
    ["wget"],
    "(?<![\\w-])wget(?=\\s)[^|;&\\n]{0,200}?\\s(?:-\\w{0,4}O|--output-document)",
  ),
  note(
    "note.make-executable",
    "something is made executable",
    ["chmod"],
    "(?<![\\w-])chmod\\s{1,4}[ugoa]{0,3}\\+x\\b",
  ),
];
