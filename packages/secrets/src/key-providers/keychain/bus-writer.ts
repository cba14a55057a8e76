import { encodeUtf8 } from "@symbiont/kit";

/** An argument of a call: text, a number of 32 bits, or a dictionary of texts. */
export type BusArgument = string | number | Readonly<Record<string, string>>;

/** The type of an argument in the signature of a body. */
export function signatureOf(argument: BusArgument): string {
  if (typeof argument === "string") return "s";
  return typeof argument === "number" ? "u" : "a{ss}";
}

/** Writes values, little-endian, each aligned to its size. */
export class BusWriter {
  readonly bytes: number[] = [];

  align(size: number): void {
    while (this.bytes.length % size !== 0) this.bytes.push(0);
  }

  uint32(value: number): void {
    this.align(4);
    this.bytes.push(value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24);
  }

  text(value: string): void {
    const bytes = encodeUtf8(value);
    this.uint32(bytes.length);
    this.bytes.push(...bytes, 0);
  }

  signature(value: string): void {
    this.bytes.push(value.length, ...encodeUtf8(value), 0);
  }

  field(code: number, type: "o" | "s" | "g", value: string): void {
    this.align(8);
    this.bytes.push(code);
    this.signature(type);
    if (type === "g") this.signature(value);
    else this.text(value);
  }

  argument(value: BusArgument): void {
    if (typeof value === "string") this.text(value);
    else if (typeof value === "number") this.uint32(value);
    else this.dictionary(value);
  }

  dictionary(entries: Readonly<Record<string, string>>): void {
    this.uint32(0);
    const lengthAt = this.bytes.length - 4;
    this.align(8);
    const start = this.bytes.length;
    for (const [name, value] of Object.entries(entries)) {
      this.align(8);
      this.text(name);
      this.text(value);
    }
    const length = new BusWriter();
    length.uint32(this.bytes.length - start);
    this.bytes.splice(lengthAt, 4, ...length.bytes);
  }
}
