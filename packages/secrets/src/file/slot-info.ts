import { encodeHex } from "@symbiont/kit";
import type { Argon2Cost } from "../internal/argon2id.ts";
import type { WrappedKey } from "../key-provider.ts";
import type { Slot } from "./internal/format/slot.ts";

/** What everybody who reads the file can see of a key slot. */
export interface SlotInfo {
  /** 16 hex digits. */
  readonly id: string;
  /** What opens it: a passphrase through Argon2id, a random key, or a service that has wrapped the root key. */
  readonly kind: "passphrase" | "raw" | "transit";
  readonly label: string;
  /** Cost of its derivation, for a passphrase. */
  readonly argon2?: Argon2Cost;
  /** Where the wrapping key is, for a service. */
  readonly reference?: WrappedKey["reference"];
}

export function slotInfo(slot: Slot): SlotInfo {
  const { kind, label } = slot;
  return {
    id: encodeHex(slot.id),
    kind,
    label,
    ...(slot.kind === "passphrase" && { argon2: slot.cost }),
    ...(slot.kind === "transit" && { reference: slot.wrapped.reference }),
  };
}
