/** Any JSON value in its plain JavaScript form. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

/** A JSON object in its plain JavaScript form. */
export interface JsonObject {
  readonly [name: string]: JsonValue;
}

/** A number as it was written, for formats in which `1`, `1.0` and `1e0` are different bytes. */
export class JsonNumber {
  /** The number's characters in the text. */
  readonly raw: string;

  constructor(raw: string) {
    this.raw = raw;
  }

  /** The nearest double; infinite when the literal is out of range. */
  get value(): number {
    return Number(this.raw);
  }
}

/** A JSON value whose numbers are kept as written. */
export type JsonTree = null | boolean | string | JsonNumber | readonly JsonTree[] | JsonTreeObject;

/** A JSON object whose numbers are kept as written. */
export interface JsonTreeObject {
  readonly [name: string]: JsonTree;
}
