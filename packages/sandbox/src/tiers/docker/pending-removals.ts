/** Containers that are still to be removed: their runs are over, or the engine has not answered. */
export class PendingRemovals {
  readonly #failed = new Set<() => Promise<void>>();
  readonly #going = new Set<Promise<void>>();

  /** Goes on while nobody waits for it. */
  begin(remove: () => Promise<void>): void {
    const going = remove()
      .catch(() => this.failed(remove))
      .finally(() => this.#going.delete(going));
    this.#going.add(going);
  }

  /** Is tried again, with the next run. */
  failed(tryAgain: () => Promise<void>): void {
    this.#failed.add(tryAgain);
  }

  /** What still cannot be done is tried at the next run. */
  async retry(): Promise<void> {
    for (const tryAgain of this.#failed) {
      this.#failed.delete(tryAgain);
      try {
        await tryAgain();
      } catch {
        this.#failed.add(tryAgain);
        return;
      }
    }
  }

  /** Resolves when everything that was begun has been tried. */
  async settled(): Promise<void> {
    await Promise.all(this.#going);
    await this.retry();
  }
}
