import { SecretError } from "../../errors.ts";

/** Reads names and values out of a text. Values of other kinds become text the way Symbiont writes them. */
export type ReadEntries = (text: string, context: PlainContext) => Entries | Promise<Entries>;

/** Names and values in the clear, on their way into handles. */
export type Entries = ReadonlyMap<string, string>;

/** What a format may look at besides the text. */
export interface PlainContext {
  /** For `$NAME` in dotenv files. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Symbiont's own limit for YAML and TOML. */
export const MAX_MARKUP_BYTES: number = 1 << 20;

/** Makes the error for a text that does not parse. No parser's error goes with it: they quote the text. */
export function unreadable(what: string): SecretError {
  return new SecretError("SECRET_FORMAT_INVALID", `the Symbiont secrets are malformed: ${what}`);
}

/** @throws SecretError `SECRET_TOO_LARGE`. */
export function assertMarkupFits(text: string): void {
  if (Buffer.byteLength(text) > MAX_MARKUP_BYTES)
    throw new SecretError("SECRET_TOO_LARGE", `YAML and TOML may have at most ${MAX_MARKUP_BYTES} bytes`);
}

/** Loads an optional parser. */
export async function loadParser<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch {
    throw new SecretError("SECRET_UNAVAILABLE", `this format is read with the package '${name}': install it`);
  }
}
