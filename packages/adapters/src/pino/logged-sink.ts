import type { AuditReceipt, AuditRecord, AuditSink } from "@symbiont/kit";

type Level = "debug" | "info" | "warn" | "error";

/** The part of a pino logger that is used. Structural, so no host package is imported. */
export type PinoLogger = Readonly<Record<Level, (record: object, message: string) => void>>;

/** What is logged at which level. */
export interface LoggedSinkOptions {
  /** Default: refusals and failures `warn`, intents `debug`, all else `info`. */
  readonly level?: (record: AuditRecord) => Level;
}

/**
 * Logs every audit record under `audit`, once it is in the journal, and its sequence there. A record that could not be
 * written is logged as an error, and its error goes on to the gate. A logger that fails disturbs nothing.
 *
 * Records come redacted from the gate; a redacting logger (`@symbiont/redact/pino`) does no harm.
 */
export function loggedSink(
  sink: AuditSink,
  logger: PinoLogger,
  { level = levelOf }: LoggedSinkOptions = {},
): AuditSink {
  const log = (at: () => Level, record: object, message: string): void => {
    try {
      logger[at()](record, message);
    } catch {
      // The journal is what counts.
    }
  };
  return {
    async append(record) {
      const message = `${record.action ?? record.type} ${record.outcome}`;
      let receipt: AuditReceipt;
      try {
        receipt = await sink.append(record);
      } catch (error) {
        log(() => "error", { audit: record, err: error }, `not in the journal: ${message}`);
        throw error;
      }
      log(() => level(record), { audit: record, sequence: receipt.sequence }, message);
      return receipt;
    },
  };
}

function levelOf({ outcome }: AuditRecord): Level {
  if (outcome === "denied" || outcome === "failure") return "warn";
  return outcome === "attempt" ? "debug" : "info";
}
