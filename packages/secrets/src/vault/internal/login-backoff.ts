import { SecretError } from "../../errors.ts";

const FIRST_MS = 1_000;
const MAX_MS = 30_000;

/** Lets refused credentials rest for a while, longer each time: asking on would lock them out. */
export class LoginBackoff {
  readonly #now: () => number;
  #refusals = 0;
  #restsUntil = Number.NEGATIVE_INFINITY;
  #refusal: SecretError | undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** @throws SecretError the last refusal, without asking, while the credentials rest; what `login` throws. */
  async around<T>(login: () => Promise<T>): Promise<T> {
    if (this.#refusal !== undefined && this.#now() < this.#restsUntil)
      throw new SecretError(this.#refusal.code, `${this.#refusal.message}; not asked again yet`);
    try {
      const result = await login();
      this.#refusals = 0;
      this.#refusal = undefined;
      return result;
    } catch (error) {
      if (SecretError.is(error) && error.code === "SECRET_LOGIN_FAILED") {
        this.#refusal = error;
        this.#restsUntil = this.#now() + Math.min(MAX_MS, FIRST_MS * 2 ** this.#refusals);
        this.#refusals += 1;
      }
      throw error;
    }
  }
}
