import { decodeUtf8 } from "@symbiont/kit";

/** Reads values one after another. @throws RangeError beyond the end, or on a type that is not expected. */
export class BusReader {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  readonly #littleEndian: boolean;
  #offset: number;

  constructor(bytes: Uint8Array, littleEndian: boolean, offset: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#littleEndian = littleEndian;
    this.#offset = offset;
  }

  uint32(): number {
    this.#align(4);
    const value = this.#view.getUint32(this.#offset, this.#littleEndian);
    this.#offset += 4;
    return value;
  }

  text(): string {
    return this.#text(this.uint32());
  }

  texts(): readonly string[] {
    const end = this.uint32() + this.#offset;
    const texts: string[] = [];
    while (this.#offset < end) texts.push(this.text());
    return texts;
  }

  /** The fields of a header, by code. */
  fields(): ReadonlyMap<number, string | number> {
    const fields = new Map<number, string | number>();
    while (this.#offset < this.#bytes.length) {
      this.#align(8);
      const code = this.#byte();
      const type = this.#text(this.#byte());
      fields.set(code, this.#value(type));
    }
    return fields;
  }

  #value(type: string): string | number {
    if (type === "u") return this.uint32();
    if (type === "g") return this.#text(this.#byte());
    if (type === "s" || type === "o") return this.text();
    throw new RangeError("a header field has an unknown type");
  }

  #byte(): number {
    const value = this.#view.getUint8(this.#offset);
    this.#offset += 1;
    return value;
  }

  #text(length: number): string {
    const end = this.#offset + length;
    if (end >= this.#bytes.length) throw new RangeError("a text is longer than its message");
    const value = decodeUtf8(this.#bytes.subarray(this.#offset, end));
    this.#offset = end + 1;
    return value;
  }

  #align(size: number): void {
    this.#offset = Math.ceil(this.#offset / size) * size;
  }
}
