import { type FileSystem, nodeFileSystem } from "../../packages/filestore/src/file-system.ts";

/** A file system whose calls can be made to fail or hang from now on. */
export class FaultyFiles implements FileSystem {
  /** Code of the error that every write throws. */
  writeError: string | undefined;
  /** Code of the error that every fdatasync rejects with. */
  syncError: string | undefined;
  /** Takes so many bytes of the next write and then fails. */
  shortWrite: number | undefined;
  truncateError: string | undefined;
  #held: (() => void)[] | undefined;

  /** Lets every fdatasync wait until {@link FaultyFiles.letGo}. */
  hold(): void {
    this.#held = [];
  }

  letGo(): void {
    for (const go of this.#held ?? []) go();
    this.#held = undefined;
  }

  open(path: string, flags: number, mode: number): number {
    return nodeFileSystem.open(path, flags, mode);
  }

  write(descriptor: number, bytes: Uint8Array, position: number): number {
    if (this.shortWrite !== undefined) {
      const taken = nodeFileSystem.write(descriptor, bytes.subarray(0, this.shortWrite), position);
      this.shortWrite = undefined;
      this.writeError = "EIO";
      return taken;
    }
    this.#throw(this.writeError);
    return nodeFileSystem.write(descriptor, bytes, position);
  }

  truncate(descriptor: number, size: number): void {
    this.#throw(this.truncateError);
    nodeFileSystem.truncate(descriptor, size);
  }

  rename(from: string, to: string): void {
    nodeFileSystem.rename(from, to);
  }

  async fsync(descriptor: number): Promise<void> {
    await this.#wait();
    return nodeFileSystem.fsync(descriptor);
  }

  async fdatasync(descriptor: number): Promise<void> {
    await this.#wait();
    this.#throw(this.syncError);
    return nodeFileSystem.fdatasync(descriptor);
  }

  fdatasyncSync(descriptor: number): void {
    nodeFileSystem.fdatasyncSync(descriptor);
  }

  async #wait(): Promise<void> {
    const held = this.#held;
    if (held !== undefined) await new Promise<void>((resolve) => held.push(resolve));
  }

  #throw(code: string | undefined): void {
    if (code !== undefined)
      throw Object.assign(new Error(`${code}: injected`), { code, syscall: "injected" });
  }
}
