import { PassThrough, type Readable } from "node:stream";

const HEADER_BYTES = 8;
const STREAMS: readonly (0 | 1 | undefined)[] = [undefined, 0, 1];
/** The engine copies in pieces of 32 KiB; one that claims to be much longer is not a piece of output. */
const MAX_FRAME_BYTES = 16 * 1024 * 1024;

/**
 * Takes apart the two output streams of a container, which the engine sends as one: frames of a stream number, three
 * zeros, a length, and so many bytes.
 *
 * @see https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach
 */
export class OutputFrames {
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Whether output is thrown away that nobody takes in time. */
  isDropping = false;
  readonly #outputs: readonly [PassThrough, PassThrough];
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #headerLength = 0;
  #left = 0;
  #output: PassThrough | undefined;

  constructor() {
    this.#outputs = [new PassThrough(), new PassThrough()];
    [this.stdout, this.stderr] = this.#outputs;
  }

  /**
   * Takes what has come.
   * @returns whether whoever reads keeps up.
   * @throws RangeError for what is no frame.
   */
  push(chunk: Uint8Array): boolean {
    let keepsUp = true;
    for (let offset = 0; offset < chunk.length; ) {
      if (this.#left === 0) {
        const wanted = Math.min(HEADER_BYTES - this.#headerLength, chunk.length - offset);
        this.#header.set(chunk.subarray(offset, offset + wanted), this.#headerLength);
        this.#headerLength += wanted;
        offset += wanted;
        if (this.#headerLength === HEADER_BYTES) this.#readHeader();
        continue;
      }
      const piece = chunk.subarray(offset, offset + this.#left);
      offset += piece.length;
      this.#left -= piece.length;
      keepsUp = this.#give(piece) && keepsUp;
    }
    return keepsUp || this.isDropping;
  }

  /** Calls back when whoever reads has caught up. */
  caughtUp(resume: () => void): void {
    for (const output of this.#outputs) if (output.writableNeedDrain) output.once("drain", resume);
  }

  end(): void {
    for (const output of this.#outputs) output.end();
  }

  #give(piece: Uint8Array): boolean {
    const output = this.#output;
    if (output === undefined || output.destroyed || output.writableEnded) return true;
    if (this.isDropping && output.writableNeedDrain) return true;
    return output.write(piece);
  }

  #readHeader(): void {
    this.#headerLength = 0;
    this.#left = this.#header.readUInt32BE(4);
    const stream = STREAMS[this.#header[0] ?? -1];
    if (stream === undefined || this.#left > MAX_FRAME_BYTES) throw new RangeError("not a frame of output");
    this.#output = this.#outputs[stream];
  }
}
