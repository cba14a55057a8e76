import { ARGON2_DEFAULT } from "../verifier.ts";
import { HashQueue } from "./hash-queue.ts";

let loading: Promise<typeof import("@node-rs/argon2")> | undefined;

/** Loaded on first use: a service whose keys all have HMAC verifiers never needs the native module. */
function load(): Promise<typeof import("@node-rs/argon2")> {
  loading ??= import("@node-rs/argon2");
  return loading;
}

/** Argon2id on the thread pool, a few runs at a time. Equal questions asked at once are computed once. */
export class Argon2 {
  readonly #queue: HashQueue;
  readonly #running = new Map<string, Promise<boolean>>();

  constructor(limits: { readonly concurrency: number; readonly capacity: number }) {
    this.#queue = new HashQueue(limits);
  }

  /** Makes a verifier string with a random salt of 16 bytes. */
  async verifier(secret: string): Promise<string> {
    const { hash } = await load();
    const { memoryKiB, passes, lanes } = ARGON2_DEFAULT;
    const options = { memoryCost: memoryKiB, timeCost: passes, parallelism: lanes, outputLen: 32 };
    return this.#queue.run(() => hash(secret, options));
  }

  /**
   * @param keyHash a verifier string that was parsed and found within bounds.
   * @param digest stands for the token, to recognise the same question.
   */
  matches(keyHash: string, secret: string, digest: string): Promise<boolean> {
    const question = `${digest} ${keyHash}`;
    const running = this.#running.get(question);
    if (running !== undefined) return running;
    const answer = this.#queue
      .run(async () => (await load()).verify(keyHash, secret))
      .finally(() => this.#running.delete(question));
    this.#running.set(question, answer);
    return answer;
  }
}
