import type { PlaceConfidence, ScanRule } from "../scan-rule.ts";
import { HOME } from "./vocabulary.ts";

const USED: PlaceConfidence = { code: "medium", fence: "medium", prose: "low" };
const WRITE =
  "(?:>{1,2}|\\btee\\b(?:\\s{1,3}-\\w{1,3})?|\\badd-content\\b|\\bout-file\\b|\\bset-content\\b|\\bcp\\b|\\bmv\\b|\\binstall\\b|\\bln\\b|\\bwrite\\w{0,9}\\b|\\bappend\\w{0,9}\\b|\\badd\\b|\\bput\\b|\\binsert\\b)";

/** What stays and comes back. */
export const persistenceRules: readonly ScanRule[] = [
  {
    id: "persist.shell-startup",
    severity: "critical",
    confidence: { code: "medium", fence: "medium", prose: "medium" },
    why: "something is run at every start of a shell",
    anchors: [
      "bashrc",
      "bash_profile",
      "zshrc",
      "zprofile",
      "zshenv",
      "/.profile",
      "config.fish",
      "bash_login",
      "$profile",
    ],
    steps: [
      "(?:>{1,2}|\\btee\\b|\\badd-content\\b|\\bout-file\\b)",
      `(?:${HOME}|/etc)["']?/\\.?(?:bashrc|bash_profile|zshrc|zprofile|zshenv|profile|bash_login|config/fish/config\\.fish|bash\\.bashrc)\\b|\\$profile\\b`,
    ],
    within: 100,
    demote:
      "(?:export|set(?:\\s{1,2}-gx)?|setx?)\\s{1,3}[a-z_]{2,40}[ =]|\\balias\\s{1,2}\\w|(?:init|completion|shellenv|hook|activate|env)\\b[^\\n]{0,20}(?:bash|zsh|fish|\\)|posix)|source\\s{1,2}\\S{0,40}(?:complet|env|nvm|cargo)",
  },
  {
    id: "persist.cron",
    severity: "critical",
    confidence: { code: "medium", fence: "medium", prose: "medium" },
    why: "something is run again and again by the machine",
    anchors: ["crontab", "/cron"],
    steps: [
      "\\|\\s{0,4}(?:sudo\\s{1,3})?crontab\\b|(?<![\\w.-])crontab\\s{1,3}(?:-u\\s{1,3}\\w{1,32}\\s{1,3})?(?:-\\s{0,3}(?:$|[<;|&)\"'`])|<|/tmp/)|>{1,2}\\s{0,3}[\"']?/(?:etc|var/spool)/cron",
    ],
  },
  {
    id: "persist.launch-agent",
    severity: "critical",
    confidence: USED,
    why: "something is run at every login",
    anchors: ["launchagents", "launchdaemons", "launchctl"],
    steps: [`${WRITE}|launchctl\\s{1,3}(?:load|bootstrap|submit)`, "library/launch(?:agents|daemons)"],
    within: 140,
  },
  {
    id: "persist.service",
    severity: "high",
    confidence: { code: "medium", fence: "low", prose: "low" },
    why: "a service is installed",
    anchors: ["systemd/", "systemctl"],
    steps: [
      `${WRITE}[^\\n]{0,60}?/systemd/(?:user|system)/[\\w@.-]{1,60}|systemctl\\s{1,3}--user\\s{1,3}(?:--now\\s{1,3})?enable\\b`,
    ],
    raise: "systemd/user/[\\w@.-]{1,60}\\.(?:service|timer)[^\\n]{0,80}(?:curl|wget|/tmp/|/dev/)",
  },
  {
    id: "persist.user-service",
    severity: "high",
    confidence: { code: "medium", fence: "medium", prose: "low" },
    why: "a service of the user starts now and at every login",
    anchors: ["systemctl"],
    steps: ["systemctl\\s{1,3}--user\\s{1,3}(?:enable\\s{1,3}--now|--now\\s{1,3}enable)\\b"],
  },
  {
    id: "persist.run-key",
    severity: "critical",
    confidence: { code: "medium", fence: "medium", prose: "medium" },
    why: "something is run at every login",
    anchors: ["currentversion", "schtasks", "register-scheduledtask", "start menu"],
    steps: [
      "currentversion\\\\{1,2}run(?:once)?\\b|schtasks(?:\\.exe)?\\s[^\\n]{0,60}?/create|register-scheduledtask|start menu\\\\{1,2}programs\\\\{1,2}startup",
    ],
  },
  {
    id: "persist.git-hook",
    severity: "high",
    confidence: { code: "medium", fence: "low", prose: "low" },
    why: "something is run whenever the user works with Git",
    anchors: [".git/hooks/", "core.hookspath"],
    steps: [`(?:${WRITE}|\\bchmod\\b)[^\\n]{0,80}?\\.git/hooks/|core\\.hookspath\\s{1,3}\\S`],
    raise: "curl|wget|/dev/tcp|base64",
  },
  {
    id: "persist.authorized-keys",
    severity: "critical",
    confidence: { code: "high", fence: "high", prose: "medium" },
    why: "somebody is let in to the user's machine",
    anchors: ["authorized_keys"],
    steps: [
      "(?:>{1,2}|\\btee\\b|\\badd\\b|\\bappend\\w{0,4}\\b|\\bcp\\b|\\bwrite\\b)",
      "\\.ssh/authorized_keys\\b",
    ],
    within: 700,
    unless: "\\b(?:chmod|chown|ls)\\s[^|;&]{0,40}authorized_keys",
  },
];
