import { sha256Hex } from "@symbiont/keys";
import {
  type AdmittedTool,
  type Clock,
  frozenCopy,
  type JsonObject,
  SymbiontError,
  type ToolAdmission,
  type ToolDefinition,
  type ToolFinding,
  type ToolVerifier,
} from "@symbiont/kit";
import { canonicalize } from "./canonicalize.ts";
import {
  type DiscoveryDocument,
  parseDiscoveryDocument,
  parseRevocationDocument,
} from "./discovery-document.ts";
import type { Pin, PinId, PinStore } from "./pin-store.ts";
import { SchemaPinError, type SchemaPinErrorCode } from "./schemapin-error.ts";
import {
  checkCoverage,
  ENVELOPE_KEY,
  parseEnvelope,
  SIGNABLE_FIELDS,
  type SignableField,
  signedMembers,
  type ToolEnvelope,
  uncoveredFields,
} from "./tool-envelope.ts";
import { checkCanonicalization, checkPin, checkRevocation, union } from "./verify-schema.ts";
import { verifySignature } from "./verify-signature.ts";

/** What the operator knows about one server. */
export interface ServerTrust {
  /** Domain of the publisher. A signature for another domain does not count. */
  readonly domain: string;
  /** Parsed JSON of the publisher's discovery document. */
  readonly discovery: unknown;
  /** Parsed JSON of its standalone revocation document, when it has one. */
  readonly revocation?: unknown;
  /** Signatures by tool name, for a server that does not send its own. They win over what the server sends. */
  readonly envelopes?: ReadonlyMap<string, ToolEnvelope>;
}

/** How tools are verified. */
export interface SchemaPinToolVerifierOptions {
  /** By the operator's id of each server. A server that is not here has no tools. */
  readonly servers: ReadonlyMap<string, ServerTrust>;
  readonly pins: PinStore;
  /**
   * `strict`: only signed tools, and every visible member signed. `permissive`: unsigned tools are admitted with a
   * warning and pinned by their content; members that are not signed are left out. In both, a signature that does not
   * hold and an unsigned change block.
   */
  readonly mode: "strict" | "permissive";
  /** Whether something that was never seen may be trusted and pinned. */
  readonly firstUse: "trust" | "refuse";
  /** What to do when a tool changed and the change is correctly signed. Default `"block"`. */
  readonly onSignedChange?: "accept" | "block";
  /** Default `Date`. */
  readonly clock?: Clock;
}

interface Checked {
  readonly tool: AdmittedTool;
  readonly pin?: { readonly id: PinId; readonly pin: Pin };
  readonly warning?: SchemaPinErrorCode;
}

/** Admits the tools of MCP servers that their publisher signed and that have not changed since they were pinned. */
export class SchemaPinToolVerifier implements ToolVerifier {
  readonly #options: SchemaPinToolVerifierOptions;
  readonly #servers: ReadonlyMap<
    string,
    {
      readonly trust: ServerTrust;
      readonly document: DiscoveryDocument;
      readonly revoked: ReadonlySet<string>;
    }
  >;
  readonly #admitted = new Map<string, ReadonlyMap<string, AdmittedTool>>();
  /** The newest admission of each server. */
  readonly #admitting = new Map<string, Promise<unknown>>();

  /** @throws SchemaPinError when a server's discovery or revocation document is not valid. */
  constructor(options: SchemaPinToolVerifierOptions) {
    checkOptions(options);
    this.#options = options;
    this.#servers = new Map([...options.servers].map(([id, trust]) => [id, readTrust(trust)]));
  }

  /**
   * Verifies a server's whole list; what was admitted from it before no longer counts. Lists of one server are
   * verified one after the other: the last one stands, and two cannot both be the first that was seen.
   */
  async admit(tools: readonly ToolDefinition[], server: string): Promise<ToolAdmission> {
    const before = this.#admitting.get(server) ?? Promise.resolve();
    const admission = before.then(async () => this.#admit(tools, server));
    this.#admitting.set(
      server,
      admission.catch(() => undefined),
    );
    return admission;
  }

  async #admit(offered: readonly ToolDefinition[], server: string): Promise<ToolAdmission> {
    // Each member is read once: a name behind a getter must not be pinned as one and admitted as another.
    const tools = offered.map((tool) => ({ ...tool }));
    this.#admitted.delete(server);
    const checked: Checked[] = [];
    const findings: ToolFinding[] = [];
    const names = countNames(tools);
    for (const tool of tools) {
      try {
        if (names.get(tool.name) !== 1)
          throw new SchemaPinError("SCHEMAPIN_DUPLICATE_TOOL", "two tools have this name");
        const result = await this.#check(tool, server);
        checked.push(result);
        const action = result.warning === undefined ? "allow" : "warn";
        findings.push({ tool: tool.name, action, code: result.warning ?? "verified", reason: "admitted" });
      } catch (error) {
        findings.push(refusal(tool, error));
      }
    }
    // Pins are written last, and all together: what is not pinned is not admitted.
    await this.#options.pins.put(checked.flatMap(({ pin }) => (pin === undefined ? [] : [pin])));
    const admitted = checked.map(({ tool }) => tool);
    this.#admitted.set(server, new Map(admitted.map((tool) => [tool.definition.name, tool])));
    return { tools: admitted, findings };
  }

  async check(tool: string, server: string): Promise<AdmittedTool | undefined> {
    return this.#admitted.get(server)?.get(tool);
  }

  async #check(offered: ToolDefinition, server: string): Promise<Checked> {
    const known = this.#servers.get(server);
    if (known === undefined)
      throw new SchemaPinError("SCHEMAPIN_UNKNOWN_SERVER", "nothing is known about this server");
    const { trust, document, revoked } = known;
    const id: PinId = {
      kind: "tool",
      domain: trust.domain,
      subject: `${encodeURIComponent(server)}/${offered.name}`,
    };
    const pinned = await this.#options.pins.get(id);
    const envelope = parseEnvelope(trust.envelopes?.get(offered.name) ?? offered._meta?.[ENVELOPE_KEY]);
    if (envelope === undefined) return this.#unsigned(offered, server, id, pinned);

    if (envelope.domain !== trust.domain) {
      throw new SchemaPinError("SCHEMAPIN_DOMAIN_MISMATCH", "the tool is signed for another domain");
    }
    checkCanonicalization(envelope.canonicalization);
    checkRevocation(document.publicKey, revoked);
    checkPin(document.publicKey, pinned, this.#options.firstUse);
    checkCoverage(envelope.fields);
    const members = frozenMembers(offered, envelope.fields);
    const { digest } = verifySignature(members, { signature: envelope.signature, key: document.publicKey });
    const uncovered = uncoveredFields(offered, envelope.fields);
    if (uncovered.length > 0 && this.#options.mode === "strict") {
      throw new SchemaPinError(
        "SCHEMAPIN_UNCOVERED_FIELD",
        `the signature does not cover the tool's ${uncovered.join(", ")}`,
      );
    }
    const tool = admittedTool(members, digest, server);
    if (
      pinned?.digest !== undefined &&
      pinned.digest !== tool.digest &&
      this.#options.onSignedChange !== "accept"
    ) {
      throw new SchemaPinError("SCHEMAPIN_DEFINITION_CHANGED", "the tool has changed since it was pinned");
    }
    return {
      tool,
      ...this.#newPin(id, pinned, { fingerprint: document.publicKey.fingerprint, digest: tool.digest }),
      ...(uncovered.length > 0 ? { warning: "SCHEMAPIN_UNCOVERED_FIELD" as const } : {}),
    };
  }

  #unsigned(offered: ToolDefinition, server: string, id: PinId, pinned: Pin | undefined): Checked {
    if (this.#options.mode === "strict" || pinned?.fingerprint !== undefined) {
      throw new SchemaPinError("SCHEMAPIN_SIGNATURE_MISSING", "the tool is not signed");
    }
    const members = frozenMembers(offered, SIGNABLE_FIELDS);
    const tool = admittedTool(members, `sha256:${sha256Hex(canonicalize(members).text)}`, server);
    if (pinned === undefined && this.#options.firstUse !== "trust") {
      throw new SchemaPinError(
        "SCHEMAPIN_KEY_NOT_PINNED",
        "the tool is not pinned, and first use is refused",
      );
    }
    if (pinned !== undefined && pinned.digest !== tool.digest) {
      throw new SchemaPinError("SCHEMAPIN_DEFINITION_CHANGED", "the tool has changed and is not signed");
    }
    return {
      tool,
      ...this.#newPin(id, pinned, { digest: tool.digest }),
      warning: "SCHEMAPIN_SIGNATURE_MISSING",
    };
  }

  #newPin(
    id: PinId,
    pinned: Pin | undefined,
    seen: Pick<Pin, "fingerprint" | "digest">,
  ): Pick<Checked, "pin"> {
    if (pinned !== undefined && pinned.digest === seen.digest) return {};
    const pin: Pin = {
      ...seen,
      firstSeen: pinned?.firstSeen ?? (this.#options.clock ?? Date).now(),
      trust: pinned?.trust ?? "tofu",
    };
    return { pin: { id, pin } };
  }
}

function readTrust(trust: ServerTrust) {
  const document = parseDiscoveryDocument(trust.discovery);
  const standalone =
    trust.revocation === undefined
      ? new Set<string>()
      : parseRevocationDocument(trust.revocation, trust.domain);
  return { trust, document, revoked: union(document.revokedKeys, standalone) };
}

/** A frozen copy, taken before it is verified: what was verified is what is admitted. */
function frozenMembers(offered: ToolDefinition, fields: readonly SignableField[]): JsonObject {
  try {
    return frozenCopy(signedMembers(offered, fields));
  } catch (cause) {
    throw new SchemaPinError("SCHEMAPIN_CANONICALIZATION_FAILED", "the tool cannot be copied", { cause });
  }
}

function admittedTool(members: JsonObject, digest: string, server: string): AdmittedTool {
  return Object.freeze({ server, definition: members as unknown as ToolDefinition, digest });
}

function countNames(tools: readonly ToolDefinition[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { name } of tools) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function refusal({ name }: ToolDefinition, error: unknown): ToolFinding {
  if (!SymbiontError.is(error)) throw error;
  return { tool: name, action: "block", code: error.code, reason: error.message };
}

function checkOptions({ mode, firstUse, onSignedChange = "block" }: SchemaPinToolVerifierOptions): void {
  if (mode !== "strict" && mode !== "permissive")
    throw new TypeError('mode must be "strict" or "permissive"');
  if (firstUse !== "trust" && firstUse !== "refuse")
    throw new TypeError('firstUse must be "trust" or "refuse"');
  if (onSignedChange !== "accept" && onSignedChange !== "block") {
    throw new TypeError('onSignedChange must be "accept" or "block"');
  }
}
