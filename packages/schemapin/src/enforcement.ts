import { type Environment, isProduction, processEnvironment } from "@symbiont/kit";
import { SchemaPinError } from "./schemapin-error.ts";
import { isVerified, type ToolConcern, type Verification, type VerifiedFacts } from "./verification.ts";

/**
 * What becomes of a tool, by how its verification went:
 *
 * | Mode | verified | failed | pending | skipped |
 * |---|---|---|---|---|
 * | `strict` | allow | block | block | block |
 * | `permissive` | allow | block | warn | warn |
 * | `development` | allow | block | warn | block, or warn with `allowSkippedInDevelopment` |
 * | `disabled` | allow | allow | allow | allow |
 *
 * Differs from Symbiont: no flag lets a failed verification pass in permissive or development mode, and none makes a
 * pending one pass without a warning.
 */
export type EnforcementMode = "strict" | "permissive" | "development" | "disabled";

/** How strictly verification is enforced. */
export interface EnforcementOptions {
  readonly mode: EnforcementMode;
  /** Whether development mode lets pass, with a warning, what was not checked. Default `false`. */
  readonly allowSkippedInDevelopment?: boolean;
  /** Every so many warnings about one tool the decision says `escalated`. Default 10. */
  readonly warningsBeforeEscalation?: number;
  /** Default: the environment of the process. */
  readonly env?: Environment;
}

/** What becomes of one tool, and why. */
export interface EnforcementDecision extends Partial<Omit<VerifiedFacts, "concerns">> {
  readonly action: "allow" | "warn" | "block";
  readonly code: string;
  readonly reason: string;
  /** Set on every so many warnings about the same tool. */
  readonly escalated?: true;
}

const MODES: readonly unknown[] = [
  "strict",
  "permissive",
  "development",
  "disabled",
] satisfies readonly EnforcementMode[];
const BYPASS = "SYMBIONT_ALLOW_TOOL_ENFORCEMENT_BYPASS";
const DEFAULT_WARNINGS = 10;
const MAX_COUNTED_TOOLS = 10_000;

/** Decides what becomes of tools. */
export class Enforcement {
  readonly mode: EnforcementMode;
  /** Whether a mode that is refused in production runs there all the same: then every call has to be recorded. */
  readonly isBypassed: boolean;
  readonly #allowSkipped: boolean;
  readonly #escalateAfter: number;
  readonly #warnings = new Map<string, number>();

  /**
   * @throws SchemaPinError `SCHEMAPIN_ENFORCEMENT_REFUSED` for development and disabled in production, unless
   * `SYMBIONT_ALLOW_TOOL_ENFORCEMENT_BYPASS` is `1` or `true`.
   * @throws TypeError, RangeError when the mode or a variable has a value that is not known.
   */
  constructor(options: EnforcementOptions) {
    const { mode, allowSkippedInDevelopment = false, warningsBeforeEscalation = DEFAULT_WARNINGS } = options;
    if (!MODES.includes(mode)) {
      throw new TypeError('mode must be "strict", "permissive", "development" or "disabled"');
    }
    if (!Number.isSafeInteger(warningsBeforeEscalation) || warningsBeforeEscalation < 1) {
      throw new RangeError("warningsBeforeEscalation must be a positive integer");
    }
    const env = options.env ?? processEnvironment();
    this.mode = mode;
    this.isBypassed = isProduction(env) && isRelaxed(mode);
    this.#allowSkipped = allowSkippedInDevelopment === true;
    this.#escalateAfter = warningsBeforeEscalation;
    const isAllowed = readBypass(env?.[BYPASS]);
    if (this.isBypassed && !isAllowed) {
      throw new SchemaPinError("SCHEMAPIN_ENFORCEMENT_REFUSED", `mode ${mode} is refused in production`);
    }
  }

  /**
   * @param tool names what the warnings are counted by.
   * @throws TypeError when the status says verified and the verifier did not issue it.
   */
  decide(verification: Verification, tool: string): EnforcementDecision {
    const decision = this.#decide(verification);
    return decision.action === "warn" && this.#escalates(tool) ? { ...decision, escalated: true } : decision;
  }

  #decide(verification: Verification): EnforcementDecision {
    if (verification.status === "verified") {
      if (!isVerified(verification)) throw new TypeError("the verifier did not issue this status");
      const { digest, covered, uncovered, profile, keyFingerprint, concerns } = verification;
      const { action, code, reason } = this.#concerned(concerns);
      return { action, code, reason, digest, covered, uncovered, profile, keyFingerprint };
    }
    const { status, code, reason } = verification;
    return { action: this.#unverified(status), code, reason };
  }

  #concerned(concerns: readonly ToolConcern[]): Pick<EnforcementDecision, "action" | "code" | "reason"> {
    const concern = concerns.find(({ weight }) => weight === "strict") ?? concerns[0];
    if (concern === undefined || this.mode === "disabled") {
      return { action: "allow", code: "verified", reason: "admitted" };
    }
    const action = this.mode === "strict" && concern.weight === "strict" ? "block" : "warn";
    return { action, code: concern.code, reason: concern.reason };
  }

  #unverified(status: "failed" | "pending" | "skipped"): EnforcementDecision["action"] {
    if (this.mode === "disabled") return "allow";
    if (this.mode === "strict") return "block";
    switch (status) {
      case "pending":
        return "warn";
      case "skipped":
        return this.mode === "permissive" || this.#allowSkipped ? "warn" : "block";
      default:
        return "block";
    }
  }

  #escalates(tool: string): boolean {
    if (this.#warnings.size >= MAX_COUNTED_TOOLS) this.#warnings.clear();
    const count = (this.#warnings.get(tool) ?? 0) + 1;
    const escalates = count >= this.#escalateAfter;
    this.#warnings.set(tool, escalates ? 0 : count);
    return escalates;
  }
}

function isRelaxed(mode: EnforcementMode): boolean {
  return mode === "development" || mode === "disabled";
}

function readBypass(value = ""): boolean {
  const said = value.toLowerCase();
  if (said === "1" || said === "true") return true;
  if (said === "" || said === "0" || said === "false") return false;
  throw new RangeError(`${BYPASS} must be 1, true, 0 or false`);
}
