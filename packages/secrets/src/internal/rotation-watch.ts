import type { SecretMetadata } from "../secret-metadata.ts";

const MAX_REMEMBERED = 10_000;

/** Tells of every version that is due for rotation, once per process and not at every read. */
export class RotationWatch {
  readonly #tell: ((metadata: SecretMetadata) => void) | undefined;
  readonly #told = new Set<string>();

  constructor(tell: ((metadata: SecretMetadata) => void) | undefined) {
    this.#tell = tell;
  }

  /**
   * Whether this read is the first to see that the version is due. Of reads that come together one is; when it cannot
   * pass the news on, {@link RotationWatch.forget} leaves it to the next.
   */
  isNews(fullName: string, metadata: SecretMetadata, now: number): boolean {
    const { rotateAfter } = metadata;
    if (rotateAfter === undefined || now < rotateAfter) return false;
    const key = keyOf(fullName, metadata);
    if (this.#told.has(key)) return false;
    if (this.#told.size >= MAX_REMEMBERED) this.#told.clear();
    this.#told.add(key);
    return true;
  }

  forget(fullName: string, metadata: SecretMetadata): void {
    this.#told.delete(keyOf(fullName, metadata));
  }

  tell(metadata: SecretMetadata): void {
    this.#tell?.(metadata);
  }
}

function keyOf(fullName: string, { version }: SecretMetadata): string {
  return `${version} ${fullName}`;
}
