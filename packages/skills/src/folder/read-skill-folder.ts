import type { BigIntStats } from "node:fs";
import { lstat, opendir, realpath } from "node:fs/promises";
import { basename } from "node:path";
import { SkillError } from "../skill-error.ts";
import { nameProblem } from "../snapshot/entry-name.ts";
import { type EntryProblem, type EntryProblemCode, entryProblem } from "../snapshot/entry-problem.ts";
import { type SkillLimits, skillLimits } from "../snapshot/skill-limits.ts";
import { escapePath, type SkillEntry, SkillSnapshot } from "../snapshot/skill-snapshot.ts";
import { readEntryFile, sameState, stateOf } from "./read-entry-file.ts";

/** How a folder is read. */
export interface ReadSkillFolderOptions {
  readonly limits?: SkillLimits;
  /**
   * Names of entries of the root that are left out, `.git` for example. Never allowed for a signed skill: its
   * snapshot then has a problem that refuses it. Default none.
   */
  readonly exclude?: readonly string[];
  /** Longest time in milliseconds. Default 30,000. */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 30_000;

/**
 * Reads a skill folder once, without following links. Entries that a skill may not hold are problems of the snapshot; the
 * snapshot of a skill with one must not be used, which `loadSkill` sees to.
 *
 * @throws SkillError `SKILL_FOLDER_INVALID` when there is no such folder, `SKILL_CHANGED` (retryable) when it changed
 * while it was read, `SKILL_UNREADABLE`, `SKILL_TIMED_OUT`.
 */
export async function readSkillFolder(
  folder: string,
  options: ReadSkillFolderOptions = {},
): Promise<SkillSnapshot> {
  checkReading(options);
  const limits = skillLimits(options.limits);
  const reader = new FolderReader(await rootOf(folder), { ...options, limits });
  return reader.read();
}

/** @throws RangeError when an option is wrong. */
export function checkReading({ limits, timeoutMs = DEFAULT_TIMEOUT_MS }: ReadSkillFolderOptions): void {
  skillLimits(limits);
  if (!(timeoutMs > 0)) throw new RangeError("timeoutMs must be positive");
}

async function rootOf(folder: string): Promise<string> {
  try {
    return await realpath(folder);
  } catch (cause) {
    throw new SkillError("SKILL_FOLDER_INVALID", "there is no such folder", { cause });
  }
}

class FolderReader {
  readonly #root: string;
  readonly #limits: Required<SkillLimits>;
  readonly #exclude: ReadonlySet<string>;
  readonly #deadline: number;
  readonly #states = new Map<string, BigIntStats>();
  readonly #entries: SkillEntry[] = [];
  readonly #problems: EntryProblem[] = [];
  #count = 0;
  #total = 0;

  constructor(root: string, options: ReadSkillFolderOptions & { readonly limits: Required<SkillLimits> }) {
    const { timeoutMs = DEFAULT_TIMEOUT_MS, exclude = [], limits } = options;
    this.#root = root;
    this.#limits = limits;
    this.#exclude = new Set(exclude);
    this.#deadline = performance.now() + timeoutMs;
  }

  async read(): Promise<SkillSnapshot> {
    const state = await stateOf(this.#root);
    if (!state.isDirectory()) throw new SkillError("SKILL_FOLDER_INVALID", "it is not a folder");
    await this.#folder("", state, 0);
    await this.#assertUnchanged();
    const { maxDepth, ...limits } = this.#limits;
    // Depth counts folders here, and the file's own name there.
    const bounds = { ...limits, maxDepth: maxDepth + 1 };
    return new SkillSnapshot(basename(this.#root), this.#entries, {
      problems: this.#problems,
      limits: bounds,
      // Windows has no such bits.
      modesKnown: process.platform !== "win32",
    });
  }

  async #folder(path: string, state: BigIntStats, depth: number): Promise<void> {
    this.#states.set(this.#absolute(path), state);
    let isEmpty = true;
    for (const name of await this.#list(path)) {
      isEmpty = false;
      const child = path === "" ? name : `${path}/${name}`;
      if (path === "" && this.#exclude.has(name)) this.#problem("excluded", child);
      else await this.#entry(child, name, depth);
    }
    if (isEmpty && path !== "") this.#problem("empty-directory", path);
  }

  async #list(path: string): Promise<readonly string[]> {
    const names: string[] = [];
    try {
      // As bytes: decoded leniently, two names could become one.
      const folder = await opendir(this.#absolute(path), { encoding: "buffer" as BufferEncoding });
      for await (const { name } of folder) {
        this.#count += 1;
        if (this.#count > this.#limits.maxEntries) {
          this.#problem("too-many", path);
          break;
        }
        names.push(decodeName(name as unknown as Uint8Array));
      }
    } catch (cause) {
      if (cause instanceof TypeError) throw cause;
      this.#problem("unreadable", path);
    }
    return names.sort();
  }

  async #entry(path: string, name: string, depth: number): Promise<void> {
    if (performance.now() > this.#deadline) {
      throw new SkillError("SKILL_TIMED_OUT", "the folder could not be read in time");
    }
    const problem = nameProblem(name);
    // A name that is not what the file system has cannot be opened.
    if (problem === "name-encoding") return this.#problem(problem, path);
    const state = await stateOf(this.#absolute(path));
    if (problem !== undefined && !state.isFile()) this.#problem(problem, path);
    if (state.isSymbolicLink()) return this.#problem("symlink", path);
    if (state.isDirectory()) {
      if (depth >= this.#limits.maxDepth) return this.#problem("too-deep", path);
      return this.#folder(path, state, depth + 1);
    }
    if (!state.isFile()) return this.#problem("special-file", path);
    return this.#file(path, state);
  }

  async #file(path: string, state: BigIntStats): Promise<void> {
    const absolute = this.#absolute(path);
    this.#states.set(absolute, state);
    if ((state.mode & 0o7000n) !== 0n) this.#problem("mode-bits", path);
    if (state.nlink > 1n) this.#problem("hard-link", path);
    const size = Number(state.size);
    this.#total += size;
    if (size > this.#limits.maxFileBytes || this.#total > this.#limits.maxTotalBytes) {
      return this.#problem("too-large", path);
    }
    const bytes = await readEntryFile(absolute, state);
    if (bytes === undefined) return this.#problem("unreadable", path);
    this.#entries.push({ path, bytes, executable: (state.mode & 0o111n) !== 0n });
  }

  /** Nobody can set a change time back: what has the same one still is what it was when the reading began. */
  async #assertUnchanged(): Promise<void> {
    for (const [path, state] of this.#states) {
      const now = await lstat(path, { bigint: true }).catch(() => undefined);
      if (now === undefined || !sameState(state, now)) {
        throw new SkillError("SKILL_CHANGED", "the folder changed while it was read", { retryable: true });
      }
    }
  }

  #absolute(path: string): string {
    return path === "" ? this.#root : `${this.#root}/${path}`;
  }

  #problem(code: EntryProblemCode, path: string): void {
    this.#problems.push(entryProblem(code, escapePath(path)));
  }
}

function decodeName(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // One character that no sound name has, so that the entry is reported and never opened.
    return `${Buffer.from(bytes).toString("latin1")}\ufffd`;
  }
}
