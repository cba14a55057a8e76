import {
  fileGeneration,
  type Generation,
  type PrivateFile,
  readPrivateFile,
  sameGeneration,
} from "@symbiont/filestore";
import { fileError } from "./file-error.ts";
import { MAX_FILE_BYTES } from "./format/limits.ts";
import { realPath } from "./real-path.ts";

/** Where a secret file is, which may move: mounted secrets are links that are turned to another folder. */
export class StorePath {
  /** As the caller named it, absolute. */
  readonly given: string;
  #real: string;

  constructor(given: string) {
    this.given = given;
    this.#real = realPath(given);
  }

  /** The file itself: what is read, locked and replaced. */
  get real(): string {
    return this.#real;
  }

  /** Whether that generation is still the one on disk. */
  holds(generation: Generation): boolean {
    try {
      return sameGeneration(fileGeneration(this.#real), generation);
    } catch (error) {
      throw fileError(error);
    }
  }

  /** Reads the file, and follows it once when it has moved. @throws SecretError. */
  async read(): Promise<PrivateFile> {
    try {
      return await readPrivateFile(this.#real, { maxBytes: MAX_FILE_BYTES });
    } catch (error) {
      const real = realPath(this.given);
      if (real === this.#real) throw fileError(error);
      this.#real = real;
    }
    try {
      return await readPrivateFile(this.#real, { maxBytes: MAX_FILE_BYTES });
    } catch (error) {
      throw fileError(error);
    }
  }
}
