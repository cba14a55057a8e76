import { ApiKeyError } from "./errors.ts";

const HIDDEN = "[api key token]";

/** A token that can be taken once. Printing, logging or serialising this object shows nothing of it. */
export class IssuedToken {
  #text: string | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /**
   * Hands out the token and forgets it. Give it to its user at once: it is stored nowhere.
   * @throws ApiKeyError `API_KEY_TOKEN_TAKEN` the second time.
   */
  reveal(): string {
    const text = this.#text;
    if (text === undefined) throw new ApiKeyError("API_KEY_TOKEN_TAKEN", "the token was taken already");
    this.#text = undefined;
    return text;
  }

  /** Hides the token. */
  toString(): string {
    return HIDDEN;
  }

  /** Hides the token. */
  toJSON(): string {
    return HIDDEN;
  }
}
