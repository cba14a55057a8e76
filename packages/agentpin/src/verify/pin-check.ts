import { judgePin, type PinPolicy, type SeenKey, withSeenKey } from "../pins/judge-pin.ts";
import type { DomainPins, PinStore } from "../pins/pin-store.ts";
import { type Refusal, refuse } from "../refusal.ts";
import type { VerifiedCredential } from "./verification.ts";

/** What a committed pin says about a credential. */
export interface CommittedPin {
  readonly status: "first_use" | "pinned" | "not_checked";
  readonly pins: DomainPins | undefined;
}

const DAY_MS = 86_400_000;

/** Step 11, in two halves: judged in its place, written when everything else has passed. */
export class PinCheck {
  readonly #store: PinStore | undefined;
  readonly #policy: PinPolicy;

  constructor(pins: { readonly store: PinStore; readonly policy: PinPolicy } | undefined) {
    this.#store = pins?.store;
    this.#policy = pins?.policy ?? "strict";
  }

  async judge(issuer: string, seen: SeenKey, now: number): Promise<Refusal | undefined> {
    if (this.#store === undefined) return undefined;
    try {
      const judgement = judgePin(await this.#store.get(issuer), seen, this.#policy, now);
      return judgement === "changed" ? mismatch() : undefined;
    } catch {
      return unavailable();
    }
  }

  /** Judges again, in one step with writing: somebody else may have been first meanwhile. */
  async commit(issuer: string, seen: SeenKey, now: number): Promise<CommittedPin | Refusal> {
    const store = this.#store;
    if (store === undefined) return { status: "not_checked", pins: undefined };
    let judgement: ReturnType<typeof judgePin> = "changed";
    let judged: DomainPins | undefined;
    const judge = (current: DomainPins | undefined): DomainPins | undefined => {
      judgement = judgePin(current, seen, this.#policy, now);
      judged = judgement === "changed" ? current : withSeenKey(current, issuer, seen, now);
      return judged;
    };
    try {
      const known = await store.get(issuer);
      if (judge(known) !== known) await store.update(issuer, judge);
      if (judgement === "changed") return mismatch();
      return { status: judgement === "first_use" ? "first_use" : "pinned", pins: judged };
    } catch {
      return unavailable();
    }
  }

  /**
   * Whether a remembered success may rest on these pins still. Once a day the key is seen anew. A store that answers at
   * once is not waited for.
   */
  isUnchanged(
    { issuer, keyThumbprint }: VerifiedCredential,
    pins: DomainPins | undefined,
    now: number,
  ): boolean | Promise<boolean> {
    if (this.#store === undefined) return true;
    const stands = (known: DomainPins | undefined): boolean => {
      if (known !== pins) return false;
      const key = pins?.keys.find(({ thumbprint }) => thumbprint === keyThumbprint);
      return key !== undefined && Math.abs(now * 1000 - key.lastSeen) < DAY_MS;
    };
    const known = this.#store.get(issuer);
    return known instanceof Promise ? known.then(stands) : stands(known);
  }
}

function mismatch(): Refusal {
  return refuse(11, "KEY_PIN_MISMATCH", "key_pin");
}

function unavailable(): Refusal {
  return refuse(11, "KEY_PIN_MISMATCH", "pin_store_unavailable", true);
}
