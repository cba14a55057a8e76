import { sha256Hex } from "@symbiont/keys";
import {
  type AdmittedTool,
  type Clock,
  canonicalJson,
  frozenCopy,
  type JsonObject,
  parseJson,
  SymbiontError,
  type ToolDefinition,
} from "@symbiont/kit";
import { canonicalize } from "./canonicalize.ts";
import { checkClaims } from "./claims/signature-claims.ts";
import type { DiscoveryDocument } from "./discovery-document.ts";
import { displayText } from "./hidden-characters.ts";
import type { KnownServer } from "./known-servers.ts";
import type { PinDecision, PinQuestion } from "./pin-decision.ts";
import type { PinDecisions } from "./pin-decisions.ts";
import { changedPin, type Seen, seenAgain } from "./pin-history.ts";
import { definitionPrompt, keyPrompt, type PinRules } from "./pin-rules.ts";
import type { Pin, PinId, StoredPin } from "./pin-store.ts";
import { diffSchemas } from "./schema-diff.ts";
import { SchemaPinError } from "./schemapin-error.ts";
import { SignatureMemory } from "./signature-memory.ts";
import { claimsConcerns, hiddenTextConcerns, publisherConcerns, uncoveredConcerns } from "./tool-concerns.ts";
import {
  checkCoverage,
  ENVELOPE_KEY,
  parseEnvelope,
  SIGNABLE_FIELDS,
  type SignableField,
  signedMembers,
  uncoveredFields,
} from "./tool-envelope.ts";
import type { NotVerified, VerifiedFacts } from "./verification.ts";
import { checkCanonicalization, checkRevocation } from "./verify-schema.ts";
import { verifyStatement } from "./verify-statement.ts";

/** What there is to know of one tool of a list, before the other tools are looked at. */
export interface Inspection {
  readonly found: VerifiedFacts | NotVerified;
  /** The frozen copy that was inspected; absent when there is nothing that could be admitted. */
  readonly tool?: AdmittedTool;
  /** What to write when the tool is admitted. */
  readonly pin?: StoredPin;
}

/** One tool, and what is known about it. */
export interface InspectedTool {
  readonly offered: ToolDefinition;
  readonly server: string;
  readonly known: KnownServer | undefined;
  readonly id: PinId;
  readonly pinned: Pin | undefined;
}

/** How tools are inspected. */
export interface InspectorOptions {
  readonly rules: Pick<PinRules, "firstUse" | "onSignedChange">;
  readonly decisions: PinDecisions;
  readonly requireAuthenticatedMetadata: boolean;
  /** Whether a signature past its time refuses, or is reported. */
  readonly documents: "strict" | "permissive";
  /** `never`: unsigned tools are not even looked at. `failed`: what failed may be admitted all the same. */
  readonly admits: "never" | "unsigned" | "failed";
  readonly clock: Clock;
}

/** Holds one tool against its signature, its pin, its lock and its publisher's word. */
export class ToolInspector {
  readonly #options: InspectorOptions;
  readonly #signatures = new SignatureMemory();

  constructor(options: InspectorOptions) {
    this.#options = options;
  }

  async inspect(tool: InspectedTool): Promise<Inspection> {
    try {
      return await this.#inspect(tool);
    } catch (error) {
      if (!SymbiontError.is(error)) throw error;
      const found: NotVerified = { status: "failed", code: error.code, reason: error.message };
      return this.#options.admits === "failed" ? { found, ...wholeTool(tool) } : { found };
    }
  }

  async #inspect(tool: InspectedTool): Promise<Inspection> {
    const { offered, server, known, id, pinned } = tool;
    if (known === undefined)
      throw new SchemaPinError("SCHEMAPIN_UNKNOWN_SERVER", "nothing is known about this server");
    const { trust } = known;
    if (trust.lock !== undefined) return lockedTool(tool, trust.lock);
    const envelope = parseEnvelope(trust.envelopes?.get(offered.name) ?? offered._meta?.[ENVELOPE_KEY]);
    if (envelope === undefined) return this.#unsigned(tool);

    if (envelope.domain !== trust.domain) {
      throw new SchemaPinError("SCHEMAPIN_DOMAIN_MISMATCH", "the tool is signed for another domain");
    }
    checkCanonicalization(envelope.canonicalization);
    const { documents, clock } = this.#options;
    const claims = checkClaims(envelope.claims, { mode: documents, now: clock.now() });
    const { document, revoked, warnings } = await known.publisher();
    const { publicKey: key, developerName } = document;
    checkRevocation(key, revoked);
    const rules = this.#rules(trust.domain);
    const keyQuestion = keyPrompt(pinned, key.fingerprint, rules);
    checkCoverage(envelope.fields);
    const members = frozenMembers(offered, envelope.fields);
    const { text, digest, profile, hiddenText } = this.#signatures.verify(
      `${id.domain} ${id.subject}`,
      members,
      envelope.signature,
      key,
    );
    const issuedAt = this.#attested(tool, { trust, document }, members, envelope.attestation);
    const prompt = keyQuestion ?? definitionPrompt(pinned, digest, rules);
    const seen: Seen = {
      fingerprint: key.fingerprint,
      digest,
      definition: text,
      ...(issuedAt === undefined ? {} : { issuedAt }),
    };
    const question = prompt && questionAbout(prompt, tool, members, seen, developerName);
    const decision = question && (await this.#options.decisions.ask(id, question));
    const uncovered = uncoveredFields(offered, envelope.fields);
    const pin = this.#pinAfter(pinned, seen, decision);
    return {
      found: {
        digest,
        covered: envelope.fields.filter((field) => offered[field] !== undefined),
        uncovered,
        profile,
        keyFingerprint: key.fingerprint,
        concerns: [
          ...uncoveredConcerns(uncovered),
          ...publisherConcerns(warnings),
          ...claimsConcerns(claims),
          ...hiddenText,
        ],
      },
      tool: admittedTool(members, digest, server),
      ...(pin === undefined ? {} : { pin: { id, pin } }),
    };
  }

  /** Unsigned tools are pinned by their content, and nobody is asked about a change. */
  #unsigned({ offered, server, id, pinned }: InspectedTool): Inspection {
    const missing = new SchemaPinError("SCHEMAPIN_SIGNATURE_MISSING", "the tool is not signed");
    const found: NotVerified = { status: "skipped", code: missing.code, reason: missing.message };
    if (this.#options.admits === "never") return { found };
    const { firstUse, policy } = this.#rules(id.domain);
    if (policy === "never_trust") throw new SchemaPinError("SCHEMAPIN_REJECTED", "the domain is not trusted");
    if (pinned?.fingerprint !== undefined) throw missing;
    const members = frozenMembers(offered, SIGNABLE_FIELDS);
    const { text } = canonicalize(members);
    const digest = `sha256:${sha256Hex(text)}`;
    if (pinned === undefined && (firstUse !== "trust" || policy === "interactive_only")) {
      throw new SchemaPinError(
        "SCHEMAPIN_KEY_NOT_PINNED",
        "the tool is not pinned, and first use is refused",
      );
    }
    if (pinned !== undefined && pinned.digest !== digest) {
      throw new SchemaPinError("SCHEMAPIN_DEFINITION_CHANGED", "the tool has changed and is not signed");
    }
    const pin = this.#pinAfter(pinned, { digest, definition: text }, undefined);
    return {
      found,
      tool: admittedTool(members, digest, server),
      ...(pin === undefined ? {} : { pin: { id, pin } }),
    };
  }

  /** When the tool's statement was issued; undefined when it has none and needs none. */
  #attested(
    { offered, pinned }: InspectedTool,
    { trust, document }: Pick<KnownServer, "trust"> & { readonly document: DiscoveryDocument },
    members: JsonObject,
    attestation: unknown,
  ): number | undefined {
    if (attestation === undefined) {
      // Leaving out the statement must not bring back what a newer statement replaced.
      if (this.#options.requireAuthenticatedMetadata || pinned?.issuedAt !== undefined) {
        throw new SchemaPinError("SCHEMAPIN_ATTESTATION_MISSING", "the tool's metadata is not authenticated");
      }
      return undefined;
    }
    const { domain, endorsers } = trust;
    const about = { domain, kind: "tool", name: offered.name, clock: this.#options.clock } as const;
    const keys = [document.publicKey];
    const { statement, issuedAt } = verifyStatement(attestation, { ...about, keys });
    if (endorsers !== undefined) verifyStatement(attestation, { ...about, ...endorsers });
    if (statement.kind !== "tool" || canonicalJson(statement.tool) !== canonicalJson(members)) {
      throw new SchemaPinError("SCHEMAPIN_STATEMENT_INVALID", "the statement is about another definition");
    }
    if (pinned?.issuedAt !== undefined && issuedAt < pinned.issuedAt) {
      throw new SchemaPinError("SCHEMAPIN_STATEMENT_ROLLBACK", "a newer statement was seen before");
    }
    return issuedAt;
  }

  #rules(domain: string): PinRules {
    const { rules, decisions } = this.#options;
    const { firstUse, onSignedChange } = rules;
    return { firstUse, onSignedChange, policy: decisions.policy(domain), canAsk: decisions.canAsk };
  }

  #pinAfter(pinned: Pin | undefined, seen: Seen, decision: PinDecision | undefined): Pin | undefined {
    const now = this.#options.clock.now();
    if (decision?.choice === "temporary_accept") return undefined;
    if (decision !== undefined) {
      const approvedBy = decision.by === undefined ? {} : { approvedBy: decision.by };
      return changedPin(pinned, seen, { now, trust: "verified", ...approvedBy });
    }
    if (pinned === undefined) return changedPin(undefined, seen, { now, trust: "tofu" });
    return seenAgain(pinned, seen, now);
  }
}

/** The operator's own list of digests decides alone. */
function lockedTool({ offered, server }: InspectedTool, lock: ReadonlyMap<string, string>): Inspection {
  const expected = lock.get(offered.name);
  if (expected === undefined) {
    throw new SchemaPinError("SCHEMAPIN_NOT_LOCKED", "the tool is not in the server's lock file");
  }
  const members = frozenMembers(offered, SIGNABLE_FIELDS);
  const digest = `sha256:${sha256Hex(canonicalize(members).text)}`;
  if (digest !== expected) {
    throw new SchemaPinError("SCHEMAPIN_DEFINITION_CHANGED", "the tool is not what the lock file says");
  }
  const covered = SIGNABLE_FIELDS.filter((field) => offered[field] !== undefined);
  const concerns = hiddenTextConcerns(members);
  return {
    found: { digest, covered, uncovered: [], concerns },
    tool: admittedTool(members, digest, server),
  };
}

/** Everything that can be seen of a tool; nothing when it cannot be read. */
function wholeTool({ offered, server }: InspectedTool): Pick<Inspection, "tool"> {
  try {
    const members = frozenMembers(offered, SIGNABLE_FIELDS);
    return { tool: admittedTool(members, `sha256:${sha256Hex(canonicalize(members).text)}`, server) };
  } catch (error) {
    if (!SymbiontError.is(error)) throw error;
    return {};
  }
}

function questionAbout(
  prompt: PinQuestion["prompt"],
  { id, pinned }: InspectedTool,
  members: JsonObject,
  { fingerprint = "", digest = "" }: Seen,
  developerName: string | undefined,
): PinQuestion {
  const before = pinned?.definition;
  return {
    prompt,
    kind: id.kind,
    domain: displayText(id.domain),
    subject: displayText(id.subject),
    newKey: {
      fingerprint,
      ...(developerName === undefined ? {} : { developerName: displayText(developerName) }),
    },
    ...(pinned?.fingerprint === undefined ? {} : { currentKey: { fingerprint: pinned.fingerprint } }),
    digest,
    ...(before === undefined ? {} : { diff: diffSchemas(parseJson(before, { reservedNames: [] }), members) }),
    evidence: {
      ...(pinned === undefined ? {} : { firstSeen: pinned.firstSeen }),
      revocation: "not_revoked",
    },
  };
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
