import type { Redactor } from "../redactor.ts";

/** The part of pino's options that this package fills in. */
export interface PinoRedactionOptions {
  readonly hooks: {
    /** Takes a finished line and returns the line to write. */
    readonly streamWrite: (line: string) => string;
  };
}

/**
 * Makes options for pino, as in `pino(redactionOptions(redactor))`. The finished line is redacted, so that
 * nothing gets past: merged objects, bindings of child loggers, errors, messages and what is interpolated into
 * them. A line that cannot be looked into becomes one that says so.
 */
export function redactionOptions(redactor: Redactor): PinoRedactionOptions {
  return {
    hooks: {
      streamWrite: (line) => {
        const safe = redactor.redact(line);
        const isRecord = typeof safe === "string" && safe.startsWith("{");
        return isRecord ? `${safe.trimEnd()}\n` : `${JSON.stringify({ redacted: safe })}\n`;
      },
    },
  };
}
