import type { DomainPolicy, PinQuestion } from "./pin-decision.ts";
import type { Pin } from "./pin-store.ts";
import { SchemaPinError } from "./schemapin-error.ts";

/** What holds for what is not pinned as it comes. */
export interface PinRules {
  readonly firstUse: "trust" | "refuse";
  readonly onSignedChange: "accept" | "review" | "block";
  readonly policy: DomainPolicy;
  /** Whether there is somebody to ask. */
  readonly canAsk: boolean;
}

/**
 * What to ask about a key; undefined when it is the pinned one, or may be trusted as it comes.
 * @throws SchemaPinError `SCHEMAPIN_REJECTED`, `SCHEMAPIN_KEY_PIN_MISMATCH`, `SCHEMAPIN_KEY_NOT_PINNED`
 */
export function keyPrompt(
  pinned: Pin | undefined,
  fingerprint: string,
  { firstUse, policy, canAsk }: PinRules,
): PinQuestion["prompt"] | undefined {
  if (policy === "never_trust") throw new SchemaPinError("SCHEMAPIN_REJECTED", "the domain is not trusted");
  if (pinned !== undefined) {
    if (pinned.fingerprint === fingerprint) return undefined;
    // No policy replaces a key.
    if (canAsk) return "key_change";
    throw new SchemaPinError(
      "SCHEMAPIN_KEY_PIN_MISMATCH",
      "the publisher's key is not the one that was pinned",
    );
  }
  if (policy === "always_trust" || (policy === "default" && firstUse === "trust")) return undefined;
  if (canAsk) return "first_time_key";
  throw new SchemaPinError(
    "SCHEMAPIN_KEY_NOT_PINNED",
    "the publisher's key is not pinned, and first use is refused",
  );
}

/**
 * What to ask about a definition that is correctly signed; undefined when it is the pinned one, or may change.
 * @throws SchemaPinError `SCHEMAPIN_DEFINITION_CHANGED`
 */
export function definitionPrompt(
  pinned: Pin | undefined,
  digest: string,
  { onSignedChange, canAsk }: PinRules,
): PinQuestion["prompt"] | undefined {
  const isChanged = pinned?.digest !== undefined && pinned.digest !== digest;
  if (!isChanged || onSignedChange === "accept") return undefined;
  if (onSignedChange === "review" && canAsk) return "definition_change";
  throw new SchemaPinError("SCHEMAPIN_DEFINITION_CHANGED", "the tool has changed since it was pinned");
}
