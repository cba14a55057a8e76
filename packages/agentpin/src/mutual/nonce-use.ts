import { parseRfc3339, type ReplayStore } from "@symbiont/kit";
import { AgentPinError } from "../agentpin-error.ts";
import { CHALLENGE_LIFETIME_SECONDS, type Challenge } from "./challenge.ts";

/** The error for an answer that proves nothing. */
export function invalidResponse(reason: string, retryable = false): AgentPinError {
  return new AgentPinError("AGENTPIN_RESPONSE_INVALID", `response proves nothing: ${reason}`, {
    reason,
    retryable,
  });
}

/** Whether our own challenge may be answered still. @throws AgentPinError `AGENTPIN_RESPONSE_INVALID` with reason `expired` */
export function checkChallengeAge({ timestamp }: Challenge, now: number): void {
  const at = parseRfc3339(timestamp);
  const age = at === undefined ? Number.NaN : now - at / 1000;
  if (!(age >= 0 && age <= CHALLENGE_LIFETIME_SECONDS)) throw invalidResponse("expired");
}

/**
 * Uses a nonce up. Last of all: a forged answer must not burn it.
 * @throws AgentPinError `AGENTPIN_RESPONSE_INVALID` with reason `replayed` or `replay_store_failed`
 */
export async function useNonce(nonce: string, replay: ReplayStore): Promise<void> {
  let isNew: boolean;
  try {
    isNew = await replay.putIfAbsent(`challenge|${nonce}`, 2 * CHALLENGE_LIFETIME_SECONDS * 1000);
  } catch {
    throw invalidResponse("replay_store_failed", true);
  }
  if (isNew !== true) throw invalidResponse("replayed");
}
