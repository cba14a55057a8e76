import { sha256Hex } from "@symbiont/keys";
import {
  excerpt,
  frozenCopy,
  type JsonObject,
  KitError,
  parseJson,
  type ToolDefinition,
} from "@symbiont/kit";
import { canonicalize } from "./canonicalize.ts";
import { SchemaPinError } from "./schemapin-error.ts";
import { SIGNABLE_FIELDS, signedMembers, type ToolEnvelope } from "./tool-envelope.ts";

/** Digests of the tools that an operator approved of one server that signs nothing; kept in a file of theirs. */
export interface ToolLock {
  readonly server: string;
  /** By name: `sha256:<hex>` of everything that a model or a person sees of the tool. */
  readonly tools: ReadonlyMap<string, string>;
}

/** Signatures of the tools of one server that does not send its own; kept in a file beside it. */
export interface ToolSidecar {
  readonly server: string;
  readonly tools: ReadonlyMap<string, ToolEnvelope>;
}

const HASH = /^sha256:[0-9a-f]{64}$/;
const MAX_BYTES = 4 << 20;

/**
 * Digest of everything that a model or a person sees of a tool, `sha256:<hex>`.
 * @throws SchemaPinError `SCHEMAPIN_CANONICALIZATION_FAILED`
 */
export function toolDigest(tool: ToolDefinition): string {
  return `sha256:${sha256Hex(canonicalize(signedMembers(tool, SIGNABLE_FIELDS)).text)}`;
}

/**
 * Writes the lock file of a server's tools, for an operator to look at and to keep.
 * @throws SchemaPinError `SCHEMAPIN_CANONICALIZATION_FAILED`, `SCHEMAPIN_DUPLICATE_TOOL`
 */
export function writeToolLock(tools: readonly ToolDefinition[], server: string): string {
  return writeFile(server, entriesOf(tools.map((tool) => [tool.name, toolDigest(tool)])));
}

/** @throws SchemaPinError `SCHEMAPIN_LOCK_INVALID` */
export function parseToolLock(text: string | Uint8Array): ToolLock {
  return readFile(text, (name, digest) => {
    if (typeof digest !== "string" || !HASH.test(digest)) throw invalid(`${excerpt(name)} has no digest`);
    return digest;
  });
}

/**
 * Writes the file of signatures of a server's tools.
 * @throws SchemaPinError `SCHEMAPIN_DUPLICATE_TOOL`
 */
export function writeToolSidecar(
  envelopes: readonly { readonly tool: string; readonly envelope: ToolEnvelope }[],
  server: string,
): string {
  return writeFile(server, entriesOf(envelopes.map(({ tool, envelope }) => [tool, envelope])));
}

/** The envelopes themselves are checked when their tools are. @throws SchemaPinError `SCHEMAPIN_LOCK_INVALID` */
export function parseToolSidecar(text: string | Uint8Array): ToolSidecar {
  return readFile(text, (name, envelope) => {
    if (!isObject(envelope)) throw invalid(`${excerpt(name)} has no envelope`);
    return frozenCopy(envelope) as unknown as ToolEnvelope;
  });
}

function entriesOf<T>(entries: readonly (readonly [string, T])[]): readonly (readonly [string, T])[] {
  if (new Set(entries.map(([name]) => name)).size !== entries.length) {
    throw new SchemaPinError("SCHEMAPIN_DUPLICATE_TOOL", "two tools have the same name");
  }
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
}

function writeFile(server: string, tools: readonly (readonly [string, unknown])[]): string {
  return `${JSON.stringify({ version: 1, server, tools: Object.fromEntries(tools) }, null, 2)}\n`;
}

function readFile<T>(
  text: string | Uint8Array,
  readTool: (name: string, value: unknown) => T,
): { readonly server: string; readonly tools: ReadonlyMap<string, T> } {
  const file = parse(text);
  const { version, server, tools, ...unknown } = isObject(file) ? file : {};
  if (
    (version ?? 1) !== 1 ||
    typeof server !== "string" ||
    !isObject(tools) ||
    Object.keys(unknown).length > 0
  ) {
    throw invalid("its members are not those of this kind of file");
  }
  return {
    server,
    tools: new Map(Object.entries(tools).map(([name, value]) => [name, readTool(name, value)])),
  };
}

function parse(text: string | Uint8Array): unknown {
  try {
    return parseJson(text, { maxBytes: MAX_BYTES, reservedNames: [] });
  } catch (cause) {
    if (!KitError.is(cause)) throw cause;
    throw invalid("it is not JSON", cause);
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function invalid(why: string, cause?: unknown): SchemaPinError {
  return new SchemaPinError("SCHEMAPIN_LOCK_INVALID", `file is not valid: ${why}`, { cause });
}
