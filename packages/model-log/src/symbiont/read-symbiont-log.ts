import { type JsonObject, type JsonValue, parseJson } from "@symbiont/kit";
import { ModelLogError } from "../model-log-error.ts";

/** An encrypted field of Symbiont's model log: a password envelope of its own. */
export type SymbiontEnvelope = JsonObject;

/** One interaction, its update applied. */
export interface SymbiontEntry {
  /** Everything that stands in the clear. */
  readonly clear: JsonObject;
  /** Decrypts; at 64 MiB of memory each, so only when it is wanted. */
  readonly request: () => Promise<JsonValue>;
  /** Undefined when the call was never answered. */
  readonly response: (() => Promise<JsonValue>) | undefined;
}

/** What a log of Symbiont holds. */
export interface SymbiontLog {
  readonly entries: readonly SymbiontEntry[];
  /** Whether the last line was torn. */
  readonly torn: boolean;
}

const UPDATE = "UPDATE: ";

/**
 * Reads a model log of Symbiont: entries and their updates, joined by id, the last update winning. Nothing in that
 * format shows lines that were dropped, moved or exchanged.
 * @param open decrypts an envelope with your log password; `@symbiont/secrets/symbiont` knows the format.
 * @throws ModelLogError `MODEL_LOG_FORMAT_INVALID`
 */
export function readSymbiontLog(
  text: string,
  open: (envelope: SymbiontEnvelope) => Promise<string>,
): SymbiontLog {
  const lines = text.split("\n");
  const torn = lines.pop() !== "";
  const entries = new Map<string, JsonObject>();
  for (const [index, line] of lines.entries()) {
    const isUpdate = line.startsWith(UPDATE);
    const entry = parseLine(isUpdate ? line.slice(UPDATE.length) : line, index);
    const id = entry["id"];
    if (typeof id !== "string") throw malformed(index);
    entries.set(id, { ...entries.get(id), ...entry });
  }
  const opened = (value: JsonValue | undefined): (() => Promise<JsonValue>) | undefined =>
    typeof value === "object" && value !== null
      ? async () => parseJson(await open(value as SymbiontEnvelope), { unsafeIntegers: "round" })
      : undefined;
  return {
    torn,
    entries: [...entries.values()].map(({ request_data: request, response_data: response, ...clear }) => {
      const readRequest = opened(request);
      if (readRequest === undefined)
        throw new ModelLogError("MODEL_LOG_FORMAT_INVALID", "an entry has no request");
      return { clear, request: readRequest, response: opened(response) };
    }),
  };
}

function parseLine(line: string, index: number): JsonObject {
  try {
    const value = parseJson(line, { maxBytes: 64 << 20, unsafeIntegers: "round" });
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
  } catch (cause) {
    throw malformed(index, cause);
  }
  throw malformed(index);
}

function malformed(index: number, cause?: unknown): ModelLogError {
  return new ModelLogError("MODEL_LOG_FORMAT_INVALID", `line ${index + 1} is not an entry`, {
    cause,
    record: index + 1,
  });
}
