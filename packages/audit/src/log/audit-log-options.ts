import type { JournalOptions } from "../journal/journal-options.ts";
import type { RequiredSinksOptions } from "../shipping/required-sinks.ts";

/** What happens to a call whose record cannot be kept. */
export type FailureMode =
  /** The call does not happen, or its result is withheld. */
  | "strict"
  /** The call goes on; the record waits in memory, and what does not fit there is counted and recorded later. */
  | "permissive";

/** How an audit log is opened. */
export interface AuditLogOptions extends JournalOptions {
  /** For every record that `criticality` does not name. Required: nobody should be permissive by accident. */
  readonly failureMode: FailureMode;
  /** Other modes by record type, or by area as `secret.*`. Default none. */
  readonly criticality?: Readonly<Record<string, FailureMode>>;
  /** Most permissive records held in memory while the journal cannot take them. Default 10,000. */
  readonly maxSpooled?: number;
  /** Most bytes of them. Default 16 MiB. */
  readonly maxSpooledBytes?: number;
  /** Milliseconds before a journal that failed is opened again; doubles up to a minute. Default 1,000. */
  readonly reopenDelayMs?: number;
  /**
   * Sinks that must have a strict record before its caller goes on: one that they do not take in time counts as not
   * kept, although the journal has it. Records that they missed are sent first when they are back. Default none.
   */
  readonly required?: RequiredSinksOptions;
  /** Told when the log becomes degraded, with the error, and when it is well again, with none. Default nobody. */
  readonly onStateChange?: (error: Error | undefined) => void;
}

/** Every option of the log itself, or its default. */
export type AuditLogSettings = Required<
  Pick<AuditLogOptions, "failureMode" | "criticality" | "maxSpooled" | "maxSpooledBytes" | "reopenDelayMs">
>;

const MODES: ReadonlySet<unknown> = new Set(["strict", "permissive"]);
const PATTERN = /^[a-z0-9_]+(?:\.[a-z0-9_]+)*(?:\.\*)?$/;

/** Fills in defaults. @throws TypeError or RangeError naming the option. */
export function auditLogSettings(options: AuditLogOptions): AuditLogSettings {
  const { failureMode, criticality = {} } = options;
  if (!MODES.has(failureMode)) throw new TypeError('failureMode must be "strict" or "permissive"');
  for (const [pattern, mode] of Object.entries(criticality)) {
    if (!PATTERN.test(pattern) || !MODES.has(mode))
      throw new TypeError(
        'criticality must give "strict" or "permissive" for types, or areas such as secret.*',
      );
  }
  const { maxSpooled = 10_000, maxSpooledBytes = 16 << 20, reopenDelayMs = 1_000 } = options;
  for (const [name, value] of Object.entries({ maxSpooled, maxSpooledBytes, reopenDelayMs })) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(`${name} must be a positive integer, got ${value}`);
  }
  return { failureMode, criticality, maxSpooled, maxSpooledBytes, reopenDelayMs };
}

/** Which mode a type of record has: the longest name that fits decides. */
export function modeOf(type: string, { failureMode, criticality }: AuditLogSettings): FailureMode {
  const names = new Map(Object.entries(criticality));
  const exact = names.get(type);
  if (exact !== undefined) return exact;
  for (let end = type.lastIndexOf("."); end > 0; end = type.lastIndexOf(".", end - 1)) {
    const mode = names.get(`${type.slice(0, end)}.*`);
    if (mode !== undefined) return mode;
  }
  return failureMode;
}
