import type { PublicKey } from "@symbiont/keys";
import type { JsonObject } from "@symbiont/kit";
import { type CanonicalSchema, canonicalize } from "./canonicalize.ts";
import { type CheckedSchema, verifyCanonical } from "./verify-signature.ts";

interface Remembered {
  readonly text: string;
  readonly signature: string;
  readonly fingerprint: string;
  readonly checked: CheckedSchema;
}

/** A tool's checked signature with the text that it is of. */
export interface CheckedTool extends CheckedSchema {
  /** Canonical definition. */
  readonly text: string;
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
    const canonical: CanonicalSchema = canonicalize(members);
    const { text } = canonical;
    const { fingerprint } = key;
    const known = this.#byTool.get(tool);
    if (known?.text === text && known.signature === signature && known.fingerprint === fingerprint) {
      return { ...known.checked, text };
    }
    const checked = verifyCanonical(canonical, { signature, key, fromText: false });
    if (this.#byTool.size >= MAX_REMEMBERED) this.#byTool.clear();
    this.#byTool.set(tool, { text, signature, fingerprint, checked });
    return { ...checked, text };
  }
}
