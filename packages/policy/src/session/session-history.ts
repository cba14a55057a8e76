import { sha256Hex } from "@symbiont/keys/sha256";
import type { DecisionRequest } from "@symbiont/kit";

/** What rules see of a session, as `session`. */
export interface SessionView {
  readonly id: string;
  /** Names of all actions that were allowed before, each once, in the order of their first time. */
  readonly actions: readonly string[];
  /** Labels of everything that the session has come in touch with. */
  readonly labels: readonly string[];
  /** How many actions were allowed before. */
  readonly steps: number;
  /** `sha256:<hex>` over the history; the same only for the same history. */
  readonly digest: string;
}

/** Longest list of different actions or labels of one session. */
const MAX_DIFFERENT = 1000;

/** The history of one session. What is being decided right now counts as done for everybody else. */
export class SessionHistory {
  readonly #id: string;
  readonly #actions = new Set<string>();
  readonly #labels = new Set<string>();
  readonly #open = new Set<{ readonly action: string; readonly labels: readonly string[] }>();
  #steps = 0;
  #digest = `sha256:${sha256Hex("")}`;
  /** When it was last used, in epoch milliseconds. */
  lastUsed = 0;

  constructor(id: string) {
    this.#id = id;
  }

  /** Whether there is no room to remember more; then nothing more may be allowed. */
  get isFull(): boolean {
    return this.#actions.size >= MAX_DIFFERENT || this.#labels.size >= MAX_DIFFERENT;
  }

  /** Whether something is being decided. */
  get isBusy(): boolean {
    return this.#open.size > 0;
  }

  view(): SessionView {
    const open = [...this.#open];
    return {
      id: this.#id,
      actions: [...new Set([...this.#actions, ...open.map(({ action }) => action)])],
      labels: [...new Set([...this.#labels, ...open.flatMap(({ labels }) => labels)])],
      steps: this.#steps + open.length,
      digest: this.#digest,
    };
  }

  /** Starts a decision: until it settles, others see the action as done. @returns settles it. */
  begin({ action, resource }: DecisionRequest, labels: readonly string[]): (isAllowed: boolean) => void {
    const entry = { action, labels };
    this.#open.add(entry);
    return (isAllowed) => {
      if (!this.#open.delete(entry) || !isAllowed) return;
      this.#actions.add(action);
      for (const label of labels) this.#labels.add(label);
      this.#steps += 1;
      const step = JSON.stringify([this.#digest, action, resource.kind, resource.id, labels]);
      this.#digest = `sha256:${sha256Hex(step)}`;
    };
  }
}
