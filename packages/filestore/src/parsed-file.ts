import { FilestoreError } from "./errors.ts";
import { fileGeneration, type Generation, sameGeneration } from "./generation.ts";
import { type PrivateFile, type ReadPrivateFileOptions, readPrivateFile } from "./read-private-file.ts";

const LOAD_ATTEMPTS = 10;
const MEANWHILE: ReadonlySet<string> = new Set(["FILE_NOT_FOUND", "FILE_CONFLICT"]);

/** How a {@link ParsedFile} is read. */
export interface ParsedFileOptions<T> extends ReadPrivateFileOptions {
  /** Reads the content; undefined when there is no file. What it throws is remembered too. */
  readonly parse: (file: PrivateFile | undefined) => T;
}

/** What was made of one generation of the file; `generation` is undefined for no file. */
interface Parsed<T> {
  readonly generation: Generation | undefined;
  readonly outcome: { readonly value: T } | { readonly error: unknown };
}

/**
 * A private file that is parsed once for as long as it stays the same. Every read looks, by one synchronous `lstat`,
 * whether the file is still the one in memory: what another process has written counts from then on.
 *
 * A file that cannot be parsed is remembered as such: to parse it again for every request of a flood would be a gift.
 */
export class ParsedFile<T> {
  readonly #path: string;
  readonly #options: ParsedFileOptions<T>;
  #parsed: Parsed<T> | undefined;
  #loading: Promise<void> | undefined;

  constructor(path: string, options: ParsedFileOptions<T>) {
    this.#path = path;
    this.#options = options;
  }

  /**
   * Gives what `parse` made of the file as it is now: at once when it is in memory. Everybody gets the same object.
   *
   * @throws (or rejects with) what `parse` throws, what {@link readPrivateFile} throws, and FilestoreError
   * `FILE_CONFLICT` when the file changes faster than it can be read.
   */
  read(): T | Promise<T> {
    const current = this.#current();
    return current === undefined ? this.#load() : unwrap(current);
  }

  #current(): Parsed<T> | undefined {
    const generation = fileGeneration(this.#path);
    if (this.#parsed !== undefined && sameGeneration(this.#parsed.generation, generation))
      return this.#parsed;
    if (generation !== undefined) return undefined;
    this.#parsed = this.#parse(undefined);
    return this.#parsed;
  }

  /** Readers that come together share one read, but none settles for one that began before the file changed. */
  async #load(): Promise<T> {
    for (let attempt = 0; attempt < LOAD_ATTEMPTS; attempt += 1) {
      this.#loading ??= this.#readFile().finally(() => {
        this.#loading = undefined;
      });
      await this.#loading;
      const current = this.#current();
      if (current !== undefined) return unwrap(current);
    }
    throw new FilestoreError("FILE_CONFLICT", "file changes faster than it can be read", {
      path: this.#path,
      retryable: true,
    });
  }

  async #readFile(): Promise<void> {
    try {
      this.#parsed = this.#parse(await readPrivateFile(this.#path, this.#options));
    } catch (error) {
      // Gone or changed since it was looked at: there is another look.
      if (!FilestoreError.is(error) || !MEANWHILE.has(error.code)) throw error;
    }
  }

  #parse(file: PrivateFile | undefined): Parsed<T> {
    const generation = file?.generation;
    try {
      return { generation, outcome: { value: this.#options.parse(file) } };
    } catch (error) {
      return { generation, outcome: { error } };
    }
  }
}

function unwrap<T>({ outcome }: Parsed<T>): T {
  if ("error" in outcome) throw outcome.error;
  return outcome.value;
}
