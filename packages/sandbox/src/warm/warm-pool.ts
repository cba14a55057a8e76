import type { SandboxLimits } from "../policy/limits.ts";
import { checkWarm } from "./check-warm.ts";

/** How long a sandbox may wait for its run. */
export const MAX_IDLE_MS = 600_000;
/** Limits that hold for a sandbox from its beginning; the others are the supervisor's. */
const FIXED_LIMITS: readonly (keyof SandboxLimits)[] = [
  "cpuSeconds",
  "memoryBytes",
  "processes",
  "openFiles",
  "fileBytes",
  "stackBytes",
  "workspaceBytes",
  "tmpBytes",
];
/** Made at once, so that what is made for later does not hold up what runs now. */
const MAX_MAKING = 2;

/** A started sandbox in which nothing of anybody's has run. */
export interface WarmOne {
  /** Whether it is still there. */
  readonly isUsable: boolean;
  /** Removes it. Never rejects. */
  discard(): Promise<void>;
}

/** Sandboxes for runs to come. Each is used once. */
export class WarmPool<T extends WarmOne> {
  readonly size: number;
  readonly #make: (limits: SandboxLimits) => Promise<T>;
  readonly #fixed: readonly (keyof SandboxLimits)[];
  #ready: { readonly one: T; readonly since: number }[] = [];
  #key = "";
  readonly #making = new Set<Promise<void>>();
  readonly #discarding = new Set<Promise<void>>();
  #isClosed = false;

  /**
   * @param size most that are ready at once. 0 keeps none.
   * @param fixed limits that cannot be changed once a sandbox is made.
   * @throws SandboxError `SANDBOX_INVALID_ARGUMENT`
   */
  constructor(
    size: number,
    make: (limits: SandboxLimits) => Promise<T>,
    fixed: readonly (keyof SandboxLimits)[] = FIXED_LIMITS,
  ) {
    this.size = checkWarm(size);
    this.#make = make;
    this.#fixed = fixed;
  }

  /** Undefined when there is none with these limits. */
  take(limits: SandboxLimits): T | undefined {
    if (this.size === 0 || this.#isClosed) return undefined;
    const key = this.#keyOf(limits);
    const isFit = ({ one, since }: { readonly one: T; readonly since: number }): boolean =>
      key === this.#key && one.isUsable && performance.now() - since < MAX_IDLE_MS;
    const unfit = this.#ready.filter((entry) => !isFit(entry));
    this.#ready = this.#ready.filter(isFit);
    for (const { one } of unfit) this.#discard(one);
    this.#key = key;
    return this.#ready.shift()?.one;
  }

  /** Makes more of the kind that was last taken, in the meantime. */
  refill(limits: SandboxLimits): void {
    const key = this.#keyOf(limits);
    const isWanted = (): boolean => !this.#isClosed && key === this.#key;
    while (isWanted() && this.#making.size < MAX_MAKING && this.#ready.length + this.#making.size < this.size)
      this.#add(key, limits);
  }

  /** Removes what is kept, and keeps nothing any more. Resolves when all of it is gone. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#making);
    for (const { one } of this.#ready.splice(0)) this.#discard(one);
    await Promise.all(this.#discarding);
  }

  #add(key: string, limits: SandboxLimits): void {
    const making = this.#make(limits).then(
      (one) => {
        this.#making.delete(making);
        if (this.#isClosed || key !== this.#key) return this.#discard(one);
        this.#ready.push({ one, since: performance.now() });
        return this.refill(limits);
      },
      // The next run is a cold one, and fails with the reason if there still is any.
      () => void this.#making.delete(making),
    );
    this.#making.add(making);
  }

  #discard(one: T): void {
    const discarding = one.discard().finally(() => this.#discarding.delete(discarding));
    this.#discarding.add(discarding);
  }

  #keyOf(limits: SandboxLimits): string {
    return this.#fixed.map((name) => limits[name]).join();
  }
}
