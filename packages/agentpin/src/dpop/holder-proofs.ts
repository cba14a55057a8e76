import type { Refusal } from "../refusal.ts";

/** What a holder is to prove, and about which credential. */
export interface ProofCase {
  /** Base64url RFC 7638 thumbprint of the key that the credential is bound to; undefined when it is bound to none. */
  readonly jkt: string | undefined;
  /** The credential itself. */
  readonly credential: string;
  /** What came with it. */
  readonly proof: unknown;
  /** Seconds since the epoch. */
  readonly now: number;
}

/** Checks that who presents a credential has the key that it is bound to. */
export interface HolderProofs {
  /** Gives why the proof does not hold; undefined when it does, or none is needed. */
  check(about: ProofCase): Refusal | undefined | Promise<Refusal | undefined>;
}
