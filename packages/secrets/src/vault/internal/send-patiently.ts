import { SecretError } from "../../errors.ts";
import type { VaultAnswer, VaultRequest } from "../vault-request.ts";
import type { CallTime } from "./call-time.ts";
import { type Endpoint, type Exchange, exchange } from "./exchange.ts";
import { errorTexts } from "./read-answer.ts";

const TRIES = 3;
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 2_000;

// Refused before anything ran: behind on replication, too many requests, a standby that does not forward.
const NOT_EXECUTED: ReadonlySet<number> = new Set([412, 429, 472, 473]);

/**
 * Sends a request up to three times, with random pauses, as long as that is safe and there is time.
 * @returns any answer that another try would not change, failures included.
 * @throws SecretError `SECRET_UNAVAILABLE`, `SECRET_TIMED_OUT` when there was none; what {@link exchange} throws.
 */
export async function sendPatiently(
  endpoint: Endpoint,
  request: VaultRequest,
  { token, time }: { readonly token?: string | undefined; readonly time: CallTime },
): Promise<VaultAnswer> {
  let mayHaveRunBefore = false;
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await exchange(endpoint, request, { token, time });
    const { again, mayHaveRun } = judge(outcome);
    const mayRepeat = again && attempt < TRIES && (request.repeat === "always" || !mayHaveRun);
    if (!mayRepeat) {
      if (outcome.kind === "silence") throw outcome.error;
      return { status: outcome.status, body: outcome.body, mayHaveRunBefore };
    }
    mayHaveRunBefore ||= mayHaveRun;
    await pause(time, attempt, outcome);
  }
}

function judge(outcome: Exchange): { readonly again: boolean; readonly mayHaveRun: boolean } {
  if (outcome.kind === "silence") return { again: true, mayHaveRun: outcome.mayHaveRun };
  const { status } = outcome;
  if (NOT_EXECUTED.has(status)) return { again: true, mayHaveRun: false };
  return { again: status >= 500 && status !== 501, mayHaveRun: !isSealed(outcome) };
}

/** Whether Vault itself says that it cannot work before it is unsealed. */
export function isSealed({ status, body }: Pick<VaultAnswer, "status" | "body">): boolean {
  return status === 503 && errorTexts(body)?.some((text) => text.includes("sealed")) === true;
}

async function pause(time: CallTime, attempt: number, outcome: Exchange): Promise<void> {
  const ceiling = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt);
  const wanted = outcome.kind === "answer" ? retryAfterMs(outcome.retryAfter) : 0;
  // Full jitter on top of what was asked for: those who were turned away together do not come back together.
  const ms = wanted + Math.random() * ceiling;
  if (ms < time.remainingMs) return time.sleep(ms);
  time.assertTime();
  throw outcome.kind === "silence"
    ? outcome.error
    : new SecretError(
        "SECRET_UNAVAILABLE",
        `Vault answered ${outcome.status} and there is no time for another try`,
      );
}

function retryAfterMs(header: string | null): number {
  if (header === null) return 0;
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) && ms > 0 ? ms : 0;
}
