import { AgentPinError } from "../agentpin-error.ts";
import type { RevocationReason } from "../revocation/build-revocation-document.ts";

/** What decides how long two keys must overlap, in seconds. */
export interface RotationTimes {
  /** Longest life of any credential. */
  readonly credentialLifetimeSeconds: number;
  /** Longest time a verifier keeps the discovery document. */
  readonly cacheSeconds: number;
  /** Default 60. */
  readonly clockSkewSeconds?: number;
}

/** Where the change from one key to the next stands. Keep it, for example beside the keys. */
export interface RotationState {
  readonly oldKid: string;
  readonly newKid: string;
  /**
   * `published`: both keys are in the document, the old one signs. `signing`: the new one signs. `retired`: what the old
   * one signed has expired. `removed`: only the new one is in the document.
   */
  readonly phase: "published" | "signing" | "retired" | "removed";
  /** Seconds since the epoch. */
  readonly since: number;
}

const NEXT: Readonly<Record<RotationState["phase"], RotationState["phase"] | undefined>> = {
  published: "signing",
  signing: "retired",
  retired: "removed",
  removed: undefined,
};

/** Begins a rotation: publish both keys now. @param now seconds since the epoch. */
export function beginRotation(oldKid: string, newKid: string, now: number): RotationState {
  if (oldKid === newKid) throw refused("the new key needs an id of its own", "kid_reused");
  return { oldKid, newKid, phase: "published", since: now };
}

/** When the next phase may begin, in seconds since the epoch; undefined when there is none. */
export function nextPhaseAt(state: RotationState, times: RotationTimes): number | undefined {
  const { credentialLifetimeSeconds, cacheSeconds, clockSkewSeconds = 60 } = times;
  switch (state.phase) {
    case "published":
      // Until then somebody may know the old document only.
      return state.since + cacheSeconds + clockSkewSeconds;
    case "signing":
      return state.since + credentialLifetimeSeconds + cacheSeconds + clockSkewSeconds;
    case "retired":
      return state.since;
    case "removed":
      return undefined;
  }
}

/**
 * Goes on to the next phase.
 * @throws AgentPinError `AGENTPIN_ROTATION_REFUSED` when that would break credentials that are in use.
 */
export function advanceRotation(state: RotationState, times: RotationTimes, now: number): RotationState {
  const phase = NEXT[state.phase];
  const at = nextPhaseAt(state, times);
  if (phase === undefined || at === undefined) throw refused("the rotation is over", "rotation_over");
  if (!(now >= at)) throw refused("credentials in use still need the old key", "rotation_early");
  return { ...state, phase, since: now };
}

/**
 * Whether the old key may be revoked. Revoking kills every credential that it signed, so it is for a key that was stolen,
 * at any time, or one that has signed nothing that still counts.
 */
export function mayRevokeOldKey({ phase }: RotationState, reason: RevocationReason): boolean {
  return reason === "key_compromise" || phase === "retired" || phase === "removed";
}

function refused(message: string, reason: string): AgentPinError {
  return new AgentPinError("AGENTPIN_ROTATION_REFUSED", message, { reason });
}
