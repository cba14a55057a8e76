import type { SecretMetadata } from "../secret-metadata.ts";

const MAX_REMEMBERED = 10_000;

/** Tells of every version that is due for rotation, once per process and not at every read. */
export class RotationWatch {
  readonly #tell: ((metadata: SecretMetadata) => void) | undefined;
  readonly #told = new Set<string>();

  constructor(tell: ((metadata: SecretMetadata) => void) | undefined) {
    this.#tell = tell;
  }

  /** Whether this read is the first to see that the version is due. */
  isNews(fullName: string, { version, rotateAfter }: SecretMetadata, now: number): boolean {
    if (rotateAfter === undefined || now < rotateAfter) return false;
    const key = `${version} ${fullName}`;
    if (this.#told.has(key)) return false;
    if (this.#told.size >= MAX_REMEMBERED) this.#told.clear();
    this.#told.add(key);
    return true;
  }

  tell(metadata: SecretMetadata): void {
    this.#tell?.(metadata);
  }
}
