/** Notices when nothing has happened for a while. Keeps no process alive. */
export class IdleWatch {
  readonly #idleMs: number | undefined;
  /** Says whether it was a good moment; if not, the time starts anew. */
  readonly #onIdle: () => boolean;
  #lastUse = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param idleMs undefined for never. */
  constructor(idleMs: number | undefined, onIdle: () => boolean) {
    this.#idleMs = idleMs;
    this.#onIdle = onIdle;
  }

  /** Something has happened. As cheap as it can be: it is called for every access. */
  touch(): void {
    if (this.#idleMs !== undefined) this.#lastUse = performance.now();
  }

  start(): void {
    this.touch();
    if (this.#idleMs !== undefined && this.#timer === undefined) this.#wait(this.#idleMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #wait(milliseconds: number): void {
    this.#timer = setTimeout(() => this.#look(), milliseconds).unref();
  }

  #look(): void {
    const idleMs = this.#idleMs ?? 0;
    const left = this.#lastUse + idleMs - performance.now();
    if (left > 0) this.#wait(left);
    else if (this.#onIdle()) this.stop();
    else this.#wait(idleMs);
  }
}
