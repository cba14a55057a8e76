import { ASSIGNMENT_SIGN, findAssignments } from "./find-assignments.ts";
import { findPersonalData } from "./find-personal-data.ts";
import { findSpokenSecrets } from "./find-spoken-secrets.ts";
import type { KnownValues } from "./known-values.ts";
import { findPrivateKeyBlocks, PRIVATE_KEY_SIGN } from "./private-key-block.ts";
import { mergeSpans, replaceSpans, type TextSpan } from "./text-span.ts";
import { findTokens, TOKEN_SIGN } from "./token-rules.ts";

/** What a {@link TextScanner} looks for. */
export interface TextScannerOptions {
  readonly known: KnownValues;
  readonly isSecret: (name: string) => boolean;
  readonly personalData: boolean;
}

/** Most text holds none of it, and needs to be read only once to know. */
const SIGN = new RegExp(`${ASSIGNMENT_SIGN}|${PRIVATE_KEY_SIGN}|${TOKEN_SIGN}`);

/** Finds secrets in text, in time that grows with the length of the text. */
export class TextScanner {
  readonly #options: TextScannerOptions;

  constructor(options: TextScannerOptions) {
    this.#options = options;
  }

  /** Whether a row of digits can be a secret by itself. */
  get findsNumbers(): boolean {
    return this.#options.personalData || !this.#options.known.isEmpty;
  }

  /** All secrets of a text, in order, none overlapping. */
  find(text: string): TextSpan[] {
    const { known, isSecret, personalData } = this.#options;
    const spans: TextSpan[] = [];
    known.find(text, spans);
    if (SIGN.test(text)) {
      findPrivateKeyBlocks(text, spans);
      findTokens(text, spans);
      findAssignments(text, isSecret, spans);
    }
    findSpokenSecrets(text, spans);
    if (personalData) findPersonalData(text, spans);
    return mergeSpans(spans);
  }

  /** The text with every secret replaced. */
  redact(text: string): string {
    const spans = this.find(text);
    return spans.length === 0 ? text : replaceSpans(text, spans);
  }

  /** The text with known values replaced and nothing else. */
  redactKnown(text: string): string {
    const { known } = this.#options;
    if (known.isEmpty) return text;
    const spans: TextSpan[] = [];
    known.find(text, spans);
    return replaceSpans(text, mergeSpans(spans));
  }
}
