import {
  type AdmittedTool,
  type AuditSink,
  isWellFormed,
  processEnvironment,
  SymbiontError,
  type ToolAdmission,
  type ToolDefinition,
  type ToolFinding,
  type ToolVerifier,
} from "@symbiont/kit";
import { Enforcement, type EnforcementDecision, type EnforcementMode } from "./enforcement.ts";
import { defaultFirstUse } from "./environment.ts";
import { ForeignNames } from "./foreign-names.ts";
import { type KnownServer, knownServers } from "./known-servers.ts";
import { PinDecisions } from "./pin-decisions.ts";
import { type PinId, type PinStore, readPins, type StoredPin } from "./pin-store.ts";
import { crossReferenceConcerns, hiddenTextConcerns, sameNameConcern } from "./tool-concerns.ts";
import { type Inspection, ToolInspector } from "./tool-inspection.ts";
import { ToolNames } from "./tool-names.ts";
import type { SchemaPinToolVerifierOptions } from "./tool-verifier-options.ts";
import { issueVerified, type ToolConcern } from "./verification.ts";

/** A tool that was admitted, and the key whose signature it was admitted for. */
interface Admitted {
  readonly tool: AdmittedTool;
  readonly fingerprint: string | undefined;
}

interface Named {
  readonly name: string;
  readonly inspection: Inspection;
}

/** Admits the tools of MCP servers that their publisher signed and that have not changed since they were pinned. */
export class SchemaPinToolVerifier implements ToolVerifier {
  readonly #pins: PinStore;
  readonly #audit: AuditSink | undefined;
  readonly #sameNames: ToolConcern["weight"];
  readonly #servers: ReadonlyMap<string, KnownServer>;
  readonly #enforcement: Enforcement;
  readonly #inspector: ToolInspector;
  readonly #names = new ToolNames();
  readonly #admitted = new Map<string, ReadonlyMap<string, Admitted>>();
  /** The newest admission of each server. */
  readonly #admitting = new Map<string, Promise<unknown>>();

  /**
   * @throws SchemaPinError when a server's discovery or revocation document is not valid;
   * `SCHEMAPIN_ENFORCEMENT_REFUSED` when the mode is refused in production.
   * @throws TypeError, RangeError when an option or a variable of the environment is not known.
   */
  constructor(options: SchemaPinToolVerifierOptions) {
    const { onSignedChange = "review", sameNames = "block", env = processEnvironment() } = options;
    const firstUse = options.firstUse ?? defaultFirstUse(env);
    checkOptions({ firstUse, onSignedChange, sameNames });
    this.#pins = options.pins;
    this.#audit = options.audit;
    this.#sameNames = sameNames === "block" ? "strict" : "note";
    this.#enforcement = new Enforcement({
      mode: options.mode,
      allowSkippedInDevelopment: options.allowSkippedInDevelopment === true,
      ...(env === undefined ? {} : { env }),
    });
    if (this.#enforcement.isBypassed && options.audit === undefined) {
      throw new TypeError("audit is required for a mode that is refused in production");
    }
    const documents = DOCUMENTS[options.mode];
    this.#servers = knownServers(options, documents);
    this.#inspector = new ToolInspector({
      documents,
      rules: { firstUse, onSignedChange },
      decisions: new PinDecisions(options.decisions ?? {}, options.audit),
      requireAuthenticatedMetadata: options.requireAuthenticatedMetadata === true,
      admits: ADMITS[options.mode],
      clock: options.clock ?? Date,
    });
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
    const inspected = await this.#inspect(tools, server);
    // From here to the claim nothing waits: two servers cannot both find that a name is free.
    const judged = this.#judge(inspected, server);
    const admitted = judged.flatMap(({ admitted }) => admitted ?? []);
    this.#names.claim(
      server,
      admitted.map(({ tool }) => tool.definition.name),
    );
    try {
      // Pins are written last, and all together: what is not pinned is not admitted.
      await this.#pins.put(judged.flatMap(({ pin }) => pin ?? []));
    } catch (error) {
      this.#names.claim(server, []);
      throw error;
    }
    this.#admitted.set(server, new Map(admitted.map((one) => [one.tool.definition.name, one])));
    return { tools: admitted.map(({ tool }) => tool), findings: judged.flatMap(({ findings }) => findings) };
  }

  /**
   * A tool that was admitted, unless the key that signed it is revoked by now, or whether it is cannot be known. In a
   * mode that is refused in production each answer is on record first.
   * @throws whatever the audit sink throws.
   */
  async check(tool: string, server: string): Promise<AdmittedTool | undefined> {
    const admitted = this.#admitted.get(server)?.get(tool);
    if (admitted === undefined || !(await this.#stillHolds(admitted, server))) return undefined;
    if (this.#enforcement.isBypassed) {
      await this.#audit?.append({
        type: "tool.enforcement.bypass",
        outcome: "info",
        actor: { kind: "system", id: "schemapin" },
        action: this.#enforcement.mode,
        resource: { kind: "tool", id: `${server}/${tool}` },
        data: { digest: admitted.tool.digest },
      });
    }
    // Another list may have come meanwhile.
    return this.#admitted.get(server)?.get(tool) === admitted ? admitted.tool : undefined;
  }

  async #stillHolds({ fingerprint }: Admitted, server: string): Promise<boolean> {
    if (fingerprint === undefined || this.#enforcement.mode === "disabled") return true;
    try {
      const publisher = await this.#servers.get(server)?.publisher();
      return publisher?.revoked.has(fingerprint) === false;
    } catch (error) {
      if (SymbiontError.is(error)) return false;
      throw error;
    }
  }

  async #inspect(tools: readonly ToolDefinition[], server: string): Promise<readonly Named[]> {
    const known = this.#servers.get(server);
    const counts = countNames(tools);
    const subjects = tools.map(({ name }) => ({
      kind: "tool" as const,
      domain: known?.trust.domain ?? "",
      // What is not well-formed is refused below, and was never pinned.
      subject: isWellFormed(name) ? toolSubject(server, name) : "",
    }));
    const pins = await readPins(this.#pins, subjects);
    const inspected: Named[] = [];
    for (const [index, offered] of tools.entries()) {
      const { name } = offered;
      const id = subjects[index] as PinId;
      const inspection: Inspection =
        counts.get(name) === 1
          ? await this.#inspector.inspect({ offered, server, known, id, pinned: pins[index] })
          : { found: DUPLICATE };
      inspected.push({ name, inspection });
    }
    return inspected;
  }

  #judge(inspected: readonly Named[], server: string): readonly Judged[] {
    const others = this.#names.ofOthers(server);
    const foreign = new ForeignNames(others);
    return inspected.map(({ name, inspection }) => {
      const { found, tool, pin } = inspection;
      const concerns: ToolConcern[] = others.has(name) ? [sameNameConcern(this.#sameNames)] : [];
      if (tool !== undefined) concerns.push(...crossReferenceConcerns(tool.definition, foreign));
      if (tool !== undefined && "status" in found) concerns.push(...hiddenTextConcerns(tool.definition));
      const all = "status" in found ? concerns : [...found.concerns, ...concerns];
      const verification = "status" in found ? found : issueVerified({ ...found, concerns: all });
      const decision = this.#enforcement.decide(verification, `${server}/${name}`);
      // There is nothing to admit of a tool that cannot be read, in any mode.
      const isAdmitted = tool !== undefined && decision.action !== "block";
      const action = isAdmitted ? decision.action : "block";
      const findings = findingsOf(name, action, decision, all);
      if (!isAdmitted) return { findings, admitted: undefined, pin: undefined };
      return { findings, admitted: { tool, fingerprint: decision.keyFingerprint }, pin };
    });
  }
}

/** What is left of a tool when everything is known: nothing but findings, when it is blocked. */
interface Judged {
  readonly findings: readonly ToolFinding[];
  readonly admitted: Admitted | undefined;
  readonly pin: StoredPin | undefined;
}

const ADMITS = {
  strict: "never",
  permissive: "unsigned",
  development: "unsigned",
  disabled: "failed",
} as const satisfies Record<EnforcementMode, string>;

/** Whether documents that are not there now, and signatures past their time, refuse or are reported. */
const DOCUMENTS = {
  strict: "strict",
  permissive: "permissive",
  development: "strict",
  disabled: "permissive",
} as const satisfies Record<EnforcementMode, string>;

const DUPLICATE = {
  status: "failed",
  code: "SCHEMAPIN_DUPLICATE_TOOL",
  reason: "two tools have this name",
} as const;

/** The subject of the pin of a server's tool. */
export function toolSubject(server: string, tool: string): string {
  return `${encodeURIComponent(server)}/${tool}`;
}

/** What was decided first, then every other concern. */
function findingsOf(
  tool: string,
  action: ToolFinding["action"],
  decision: EnforcementDecision,
  concerns: readonly ToolConcern[],
): readonly ToolFinding[] {
  const first: ToolFinding = { tool, action, code: decision.code, reason: decision.reason };
  if (concerns.length === 0) return [first];
  const more = concerns.filter(({ code }) => code !== decision.code);
  return [first, ...more.map(({ code, reason }) => ({ tool, action: "warn" as const, code, reason }))];
}

function countNames(tools: readonly ToolDefinition[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { name } of tools) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function checkOptions(options: {
  readonly firstUse: unknown;
  readonly onSignedChange: unknown;
  readonly sameNames: unknown;
}): void {
  const { firstUse, onSignedChange, sameNames } = options;
  if (firstUse !== "trust" && firstUse !== "refuse")
    throw new TypeError('firstUse must be "trust" or "refuse"');
  if (onSignedChange !== "accept" && onSignedChange !== "review" && onSignedChange !== "block") {
    throw new TypeError('onSignedChange must be "accept", "review" or "block"');
  }
  if (sameNames !== "block" && sameNames !== "warn") {
    throw new TypeError('sameNames must be "block" or "warn"');
  }
}
