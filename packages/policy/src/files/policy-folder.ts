import { resolve } from "node:path";
import { FilestoreError } from "@symbiont/filestore";
import type { PolicyEvaluator } from "../decide/policy-set.ts";
import { type LayeredSources, PolicyLayers, type PolicyLayersOptions } from "../layers/policy-layers.ts";
import { folderGeneration, readPolicyFolder } from "./read-policy-folder.ts";

/** Options of {@link PolicyFolder}. */
export interface PolicyFolderOptions extends Omit<PolicyLayersOptions, "entryPoints"> {
  /** Names of all entry points; the folder of that name holds what is in force there besides. Default none. */
  readonly entryPoints?: readonly string[];
  /** Milliseconds between two looks at the folder; 0: never look again by itself. Default 1,000. */
  readonly intervalMs?: number;
  /** Most permission bits that a file may have. Default `0o644`: nobody but the owner may write. */
  readonly mode?: number;
  /** Told after new policies came in force. A throw is ignored. Default none. */
  readonly onSwapped?: () => void;
}

/** Stands for all entry points when none is declared. */
const ONLY = "default";

/**
 * Policies of a folder, kept up to date. The files are taken over as a whole, when they have not changed between
 * two looks and during the reading, so that a deployment that is half done is waited for. What cannot be read or
 * is not sound leaves the policies of before in force; if there are none, everything is denied.
 *
 * A file that is written slowly can still look finished. Whoever deploys should rename files into place.
 */
export class PolicyFolder {
  readonly #folder: string;
  readonly #options: PolicyFolderOptions;
  readonly #layers: PolicyLayers;
  readonly #timer: NodeJS.Timeout | undefined;
  #loaded: string | undefined;
  #seen: string | undefined;
  #busy: Promise<void> | undefined;
  #loading = 0;
  #isClosed = false;

  private constructor(folder: string, options: PolicyFolderOptions) {
    const { entryPoints = [ONLY], intervalMs = 1000 } = options;
    if (!Number.isSafeInteger(intervalMs) || intervalMs < 0)
      throw new RangeError("intervalMs must be a whole number from 0");
    this.#folder = resolve(folder);
    this.#options = options;
    this.#layers = new PolicyLayers({ ...options, entryPoints });
    if (intervalMs > 0) {
      this.#timer = setInterval(() => void this.#look(), intervalMs);
      this.#timer.unref();
    }
  }

  /**
   * Reads the folder and keeps looking at it. Never rejects for what is in it: look at `error`.
   * @throws RangeError for an option.
   */
  static async open(folder: string, options: PolicyFolderOptions = {}): Promise<PolicyFolder> {
    const opened = new PolicyFolder(folder, options);
    await opened.refresh();
    return opened;
  }

  /** Why what is in the folder is not in force; undefined when it is. To be shown by a health check. */
  get error(): unknown {
    return this.#layers.error;
  }

  /**
   * What decides at an entry point; without a name, where no entry points were declared.
   * @throws RangeError when there is no entry point of that name.
   */
  at(entryPoint: string = ONLY): PolicyEvaluator {
    return this.#layers.at(entryPoint);
  }

  /** Reads the folder now, whether it looks finished or not. Resolves when it is in force or refused. */
  async refresh(): Promise<void> {
    this.#loading += 1;
    this.#busy = (this.#busy ?? Promise.resolve()).then(async () => this.#load());
    try {
      await this.#busy;
    } finally {
      this.#loading -= 1;
    }
  }

  /** Stops looking. What is in force stays. */
  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
  }

  /** Takes over what has changed since it was read and not since the last look. What is being read is not read again. */
  async #look(): Promise<void> {
    if (this.#loading > 0) return;
    const seen = this.#generation();
    const isSettled = seen === this.#seen;
    this.#seen = seen;
    if (isSettled && seen !== this.#loaded) await this.refresh();
  }

  async #load(): Promise<void> {
    const before = this.#generation();
    let sources: LayeredSources;
    try {
      sources = await readPolicyFolder(this.#folder, this.#options.mode ?? 0o644);
      // Files of two deployments must not meet in one set; the next look will find it settled.
      if (this.#generation() !== before) throw changing(this.#folder);
    } catch (error) {
      this.#loaded = undefined; // it may be readable the next time, without having changed
      if (String(error) !== String(this.error)) this.#layers.refuse(error);
      return;
    }
    if (this.#isClosed) return;
    this.#loaded = before;
    try {
      this.#layers.swap(sources);
    } catch {
      return; // the layers keep the error and have reported it
    }
    try {
      this.#options.onSwapped?.();
    } catch {
      // The policies are in force whatever a listener does.
    }
  }

  /** A folder that cannot be looked at has a state too: it must be tried again only when that changes. */
  #generation(): string {
    try {
      return folderGeneration(this.#folder);
    } catch (error) {
      return `unreadable: ${String((error as NodeJS.ErrnoException).code)}`;
    }
  }
}

function changing(path: string): FilestoreError {
  const message = "the folder changed while it was read";
  return new FilestoreError("FILE_CONFLICT", message, { path, retryable: true });
}
