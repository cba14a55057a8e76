import { SymbiontError } from "@symbiont/kit";
import { GuardError } from "./guard-error.ts";

/** The stages and companions that a guard is made of. */
export type PartName =
  | "identity"
  | "rate"
  | "tools"
  | "arguments"
  | "policy"
  | "approvals"
  | "redactor"
  | "audit"
  | "sandbox"
  | "secrets"
  | "modelLog"
  | "clientAddress";

/** Something that was opened, how to see whether it still works, and how to close it. */
export interface Part<Port> {
  readonly port: Port;
  /** Throws when it does not work. Default: it cannot break. */
  readonly check?: () => unknown;
  readonly close?: () => unknown;
}

/** How one part is. */
export interface PartHealth {
  readonly part: PartName;
  readonly ok: boolean;
  /** Stable code of what is wrong; set when `ok` is false. */
  readonly code?: string;
}

const CHECK_TIMEOUT_MS = 5_000;

/** Everything that was opened, in order. */
export class PartList {
  readonly #parts: { readonly name: PartName; readonly part: Part<unknown> }[] = [];

  /**
   * Opens a part and remembers it.
   * @throws GuardError `GUARD_START_FAILED` naming the part; `GUARD_CONFIG_INVALID` passes through.
   */
  async open<Port>(name: PartName, open: () => Part<Port> | Promise<Part<Port>>): Promise<Port> {
    try {
      const part = await open();
      this.#parts.push({ name, part });
      return part.port;
    } catch (error) {
      if (GuardError.is(error)) throw error;
      const detail = SymbiontError.is(error) || error instanceof RangeError || error instanceof TypeError;
      const reason = detail ? `: ${error.message}` : "";
      throw new GuardError("GUARD_START_FAILED", `${name} could not be started${reason}`, {
        cause: error,
        retryable: SymbiontError.is(error) && error.retryable,
      });
    }
  }

  /** Asks every part whether it works. Never rejects; a part that does not answer does not work. */
  async check(): Promise<readonly PartHealth[]> {
    return Promise.all(
      this.#parts.map(async ({ name, part }): Promise<PartHealth> => {
        let timer: NodeJS.Timeout | undefined;
        const late = new Promise<PartHealth>((resolve) => {
          timer = setTimeout(() => resolve({ part: name, ok: false, code: "TIMED_OUT" }), CHECK_TIMEOUT_MS);
        });
        const asked = (async (): Promise<PartHealth> => {
          try {
            await part.check?.();
            return { part: name, ok: true };
          } catch (error) {
            return { part: name, ok: false, code: SymbiontError.is(error) ? error.code : "FAILED" };
          }
        })();
        const answer = await Promise.race([asked, late]);
        clearTimeout(timer);
        return answer;
      }),
    );
  }

  /** Closes every part, the last one first. @returns what went wrong. */
  async close(): Promise<readonly unknown[]> {
    const errors: unknown[] = [];
    for (const { part } of this.#parts.splice(0).toReversed()) {
      try {
        await part.close?.();
      } catch (error) {
        errors.push(error);
      }
    }
    return errors;
  }
}
