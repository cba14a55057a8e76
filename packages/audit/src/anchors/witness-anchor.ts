import { AuditError } from "../audit-error.ts";
import { formatAddCheckpoint } from "../notes/add-checkpoint.ts";
import { parseNote, verifyNote } from "../notes/signed-note.ts";
import type { TrustedKey } from "../notes/trusted-key.ts";
import { parseVerifierKey } from "../notes/verifier-key.ts";
import { JournalProofs } from "../read/journal-proofs.ts";
import type { AnchorStore } from "./anchor.ts";
import { boundedText, type TextAnswer } from "./bounded-text.ts";

/** What is needed to ask a witness: the global `fetch`, or a guarded one. */
export type WitnessFetch = (
  url: string,
  request: { readonly method: string; readonly body: string; readonly signal: AbortSignal },
) => Promise<TextAnswer & { readonly status: number }>;

/** Who is asked to cosign, and how. */
export interface WitnessAnchorOptions {
  /** The witness's prefix; `/add-checkpoint` is put behind it. */
  readonly url: string;
  /** The witness's key, as `name+id+key`. */
  readonly key: string;
  /** The journal's folder and key, for the proofs that a witness asks for. */
  readonly directory: string;
  readonly trusted: readonly TrustedKey[];
  readonly fetch: WitnessFetch;
  /** Gets each checkpoint with the witness's cosignature. Default nobody. */
  readonly onCosigned?: (note: string) => void | Promise<void>;
  /** Whether a witness that cannot be reached stops the journal. Default false. */
  readonly required?: boolean;
  /** Longest time for one request, in milliseconds. Default 5,000. */
  readonly timeoutMs?: number;
}

const MAX_ANSWER = 1 << 16;

/**
 * Has every checkpoint cosigned by a witness, who remembers the size it saw last and signs only what continues it: a
 * history that was rewritten finds no witness.
 * @see https://c2sp.org/tlog-witness
 */
export function witnessAnchor(options: WitnessAnchorOptions): AnchorStore {
  const { required = false, timeoutMs = 5_000 } = options;
  const key = parseVerifierKey(options.key);
  if (key.type !== "cosignature") throw new TypeError("key must be the cosignature key of a witness");
  let last = 0;

  const ask = async (note: string, old: number): Promise<{ status: number; body: string }> => {
    const proofs = old === 0 ? undefined : await JournalProofs.open(options.directory, options);
    const proof = proofs === undefined ? [] : proofs.consistency(old, sizeOf(note)).proof;
    const request = {
      method: "POST",
      body: formatAddCheckpoint(old, proof, note),
      signal: AbortSignal.timeout(timeoutMs),
    };
    const response = await options.fetch(`${options.url.replace(/\/$/, "")}/add-checkpoint`, request);
    return { status: response.status, body: await boundedText(response, MAX_ANSWER) };
  };

  const cosign = async (note: string): Promise<void> => {
    const size = sizeOf(note);
    let { status, body } = await ask(note, Math.min(last, size));
    if (status === 409) {
      // The witness remembers another size than we do, after a restart for example.
      const remembered = /^(0|[1-9]\d*)\n?$/.exec(body)?.[1];
      if (remembered === undefined) throw new Error("the witness's answer is malformed");
      if (Number(remembered) > size)
        throw new AuditError(
          "AUDIT_ROLLBACK",
          `the witness has cosigned ${remembered} records, but there are ${size}`,
        );
      ({ status, body } = await ask(note, Number(remembered)));
    }
    if (status === 422)
      throw new AuditError("AUDIT_FORKED", "the witness has cosigned other records than these");
    if (status !== 200) throw new Error(`the witness answered ${status}`);
    const cosigned = note + body;
    const { keys } = verifyNote(cosigned, [key]);
    if (keys.length === 0 || parseNote(cosigned).text !== parseNote(note).text)
      throw new Error("the witness's answer is no cosignature");
    last = size;
    await options.onCosigned?.(cosigned);
  };

  return {
    keep: async (note) => {
      if (sizeOf(note) === 0) return;
      try {
        await cosign(note);
      } catch (error) {
        // What contradicts the witness is never passed over; that it cannot be asked may be.
        if (required || AuditError.is(error)) throw error;
      }
    },
  };
}

function sizeOf(note: string): number {
  return Number(note.split("\n")[1]);
}
