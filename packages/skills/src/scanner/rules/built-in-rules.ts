import type { ScanRule } from "../scan-rule.ts";
import { agentTamperRules } from "./agent-tamper.ts";
import { credentialRules } from "./credentials.ts";
import { deceptiveInstallRules } from "./deceptive-install.ts";
import { decodeExecRules } from "./decode-exec.ts";
import { destructRules } from "./destruct.ts";
import { networkRules } from "./network.ts";
import { noteRules } from "./notes.ts";
import { persistenceRules } from "./persistence.ts";
import { privilegeRules } from "./privilege.ts";
import { promptRules } from "./prompt.ts";
import { remoteExecRules } from "./remote-exec.ts";
import { reverseShellRules } from "./reverse-shell.ts";

/** Grows with every change of what rules find. */
export const RULESET_VERSION = "1.1.0";

/** The rules that look at lines. */
export const BUILT_IN_RULES: readonly ScanRule[] = [
  ...remoteExecRules,
  ...decodeExecRules,
  ...reverseShellRules,
  ...credentialRules,
  ...destructRules,
  ...persistenceRules,
  ...agentTamperRules,
  ...promptRules,
  ...deceptiveInstallRules,
  ...privilegeRules,
  ...networkRules,
  ...noteRules,
];
