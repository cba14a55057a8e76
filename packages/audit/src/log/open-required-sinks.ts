import { resolve } from "node:path";
import { journalSettings } from "../journal/journal-options.ts";
import { formatVerifierKey, verifierKey } from "../notes/verifier-key.ts";
import { RequiredSinks } from "../shipping/required-sinks.ts";
import type { AuditLogOptions } from "./audit-log-options.ts";

/** The sinks of the strict path, when there are any. @throws RangeError naming the option. */
export function requiredSinks(directory: string, options: AuditLogOptions): RequiredSinks | undefined {
  if (options.required === undefined) return undefined;
  const { origin, key, trusted, deadlineMs } = journalSettings(options);
  const own = formatVerifierKey(verifierKey(origin, key.publicKey));
  const source = { directory: resolve(directory), origin, trusted: [own, ...trusted], timeoutMs: deadlineMs };
  return new RequiredSinks(options.required, source);
}
