import type { PublicKey } from "@symbiont/keys";
import { canonicalJson, type JsonObject, KitError } from "@symbiont/kit";
import { canonicalize } from "./canonicalize.ts";
import { hiddenTextConcerns } from "./tool-concerns.ts";
import type { ToolConcern } from "./verification.ts";
import { type CheckedSchema, verifyCanonical } from "./verify-signature.ts";

interface Remembered {
  /** RFC 8785 text: equal for equal definitions, and quicker to write than to find out what is portable. */
  readonly json: string;
  readonly signature: string;
  readonly fingerprint: string;
  readonly checked: CheckedTool;
}

/** A tool's checked signature, and what else holds for the same definition for ever. */
export interface CheckedTool extends CheckedSchema {
  /** Canonical definition. */
  readonly text: string;
  readonly hiddenText: readonly ToolConcern[];
}

const MAX_REMEMBERED = 4_096;

/**
 * Remembers which signatures hold, so that a list that is fetched again costs no elliptic curves. A signature over a
 * text holds for ever; whether its key still counts is not remembered.
 */
export class SignatureMemory {
  readonly #byTool = new Map<string, Remembered>();

  /** @throws SchemaPinError `SCHEMAPIN_SIGNATURE_INVALID`, `SCHEMAPIN_CANONICALIZATION_FAILED` */
  verify(tool: string, members: JsonObject, signature: string, key: PublicKey): CheckedTool {
    const { fingerprint } = key;
    const known = this.#byTool.get(tool);
    if (
      known !== undefined &&
      known.signature === signature &&
      known.fingerprint === fingerprint &&
      isWrittenAs(members, known.json)
    ) {
      return known.checked;
    }
    const canonical = canonicalize(members);
    const { digest, profile } = verifyCanonical(canonical, { signature, key, fromText: false });
    const checked = { digest, profile, text: canonical.text, hiddenText: hiddenTextConcerns(members) };
    if (this.#byTool.size >= MAX_REMEMBERED) this.#byTool.clear();
    // Of what is portable, both forms are the same text.
    const json = canonical.issues.length === 0 ? canonical.text : canonicalJson(members);
    this.#byTool.set(tool, { json, signature, fingerprint, checked });
    return checked;
  }
}

function isWrittenAs(members: JsonObject, json: string): boolean {
  try {
    return canonicalJson(members) === json;
  } catch (error) {
    if (KitError.is(error)) return false;
    throw error;
  }
}
