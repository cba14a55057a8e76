import { sha256Hex } from "@symbiont/keys";
import type { Clock, ToolDefinition } from "@symbiont/kit";
import { type CanonicalSchema, canonicalize, type SchemaInput } from "./canonicalize.ts";
import { changedPin, type Seen } from "./pin-history.ts";
import { type PinId, type PinStore, readPins } from "./pin-store.ts";
import { SIGNABLE_FIELDS, signedMembers } from "./tool-envelope.ts";

/** What an operator approves before it is seen. */
export interface Provision {
  readonly id: PinId;
  /** Fingerprint of the key that may sign, `sha256:<hex>`. */
  readonly fingerprint?: string;
  /** The definition that is approved; without it, and without a tool, any that the key signs is, once. */
  readonly definition?: SchemaInput;
  /** The same for a tool of an MCP server: everything that a model or a person sees of it. */
  readonly tool?: ToolDefinition;
}

/** Who approves. */
export interface ProvisionOptions {
  readonly approvedBy: string;
  /** Default `Date`. */
  readonly clock?: Clock;
}

const FINGERPRINT = /^sha256:[0-9a-f]{64}$/i;

/**
 * Puts pins into a store, all or none, before anything is seen: the way to work where first use is refused. What was
 * pinned under the same name is replaced and remembered as previous.
 *
 * @throws TypeError when a provision names nothing, or both a definition and a tool.
 * @throws RangeError when a fingerprint is none.
 * @throws SchemaPinError `SCHEMAPIN_CANONICALIZATION_FAILED`, and those of the store.
 */
export async function provisionPins(
  store: PinStore,
  provisions: readonly Provision[],
  { approvedBy, clock = Date }: ProvisionOptions,
): Promise<void> {
  const now = clock.now();
  const checked = provisions.map((provision) => ({ id: provision.id, seen: readProvision(provision) }));
  const pinned = await readPins(
    store,
    checked.map(({ id }) => id),
  );
  await store.put(
    checked.map(({ id, seen }, index) => ({
      id,
      pin: changedPin(pinned[index], seen, { now, trust: "provisioned", approvedBy }),
    })),
  );
}

function readProvision({ fingerprint, tool, ...given }: Provision): Seen {
  if (tool !== undefined && given.definition !== undefined) {
    throw new TypeError("a provision has a definition or a tool, not both");
  }
  const definition = tool === undefined ? given.definition : signedMembers(tool, SIGNABLE_FIELDS);
  if (fingerprint === undefined && definition === undefined) {
    throw new TypeError("a provision needs a fingerprint, a definition or a tool");
  }
  if (fingerprint !== undefined && !FINGERPRINT.test(fingerprint)) {
    throw new RangeError("fingerprint must be sha256: and 64 hexadecimal digits");
  }
  return {
    ...(fingerprint === undefined ? {} : { fingerprint: fingerprint.toLowerCase() }),
    ...(definition === undefined ? {} : approved(canonicalize(definition))),
  };
}

function approved({ text }: CanonicalSchema): { readonly digest: string; readonly definition: string } {
  return { digest: `sha256:${sha256Hex(text)}`, definition: text };
}
