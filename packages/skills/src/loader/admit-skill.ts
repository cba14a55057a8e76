import {
  type AuditSink,
  type Clock,
  type Environment,
  type JsonObject,
  processEnvironment,
} from "@symbiont/kit";
import {
  defaultFirstUse,
  Enforcement,
  type EnforcementMode,
  type PinStore,
  type PublisherOptions,
  SchemaPinError,
} from "@symbiont/schemapin";
import { parseSkillDocument, type SkillDocument } from "../format/frontmatter.ts";
import type { ScanReport } from "../scanner/scan-report.ts";
import type { SkillScanner } from "../scanner/skill-scanner.ts";
import { assertSound, type VerifiedSkillSignature, verifySkill } from "../signature/verify-skill.ts";
import { SkillError } from "../skill-error.ts";
import type { SkillSnapshot } from "../snapshot/skill-snapshot.ts";
import { type ApprovedScan, isApproved } from "./approval.ts";
import { issue, type LoadedSkill, type RejectedSkill, type SkillReason } from "./skill-load.ts";

/** On what terms skills are admitted. */
export interface AdmitSkillOptions extends Omit<PublisherOptions, "domain"> {
  /**
   * | Mode | unsigned | signature fails | scan blocks | scan asks for review, or is incomplete |
   * |---|---|---|---|---|
   * | `strict` | rejected | rejected | rejected | rejected, unless approved |
   * | `permissive` | warning | rejected | rejected | review rejected unless approved; incomplete a warning |
   * | `development` | warning | rejected | rejected | warning |
   * | `disabled` | warning | warning | warning | warning |
   *
   * A skill that was signed when it was pinned for its `domain` may be unsigned in `disabled` only, or with `allowUnsigned`.
   * The last two are refused in production. No mode admits a folder that holds what a skill may not hold.
   */
  readonly mode: EnforcementMode;
  /** Whose the skill is, as the operator knows it. Needed for signatures in strict mode. */
  readonly domain?: string;
  readonly pins: PinStore;
  readonly scanner: SkillScanner;
  /** What the pin is filed under. Default: the folder's name. */
  readonly id?: string;
  /** Whether the skill need not be signed, because of where it comes from. Default `false`. */
  readonly allowUnsigned?: boolean;
  /** Whether a key that was never seen may be trusted and pinned. Default: `refuse` in production, else `trust`. */
  readonly firstUse?: "trust" | "refuse";
  /** Whether a statement of version 2 is needed. Default: in strict mode, unless `allowUnsigned`. */
  readonly requireAttestation?: boolean;
  /** Scans that somebody looked at. Default none. */
  readonly approvals?: readonly ApprovedScan[];
  /**
   * Takes what became of the skill; when it fails, the skill is rejected. Required where a mode that is refused in
   * production runs there all the same. Default nobody.
   */
  readonly audit?: AuditSink;
  /** Default: the environment of the process. */
  readonly env?: Environment;
  /** Default `Date`. */
  readonly clock?: Clock;
}

/**
 * Admits a skill, or does not: entries, signature, frontmatter, scan, in this order, all over the same bytes. The pin is
 * written last.
 *
 * @throws TypeError, RangeError for options that are wrong.
 * @throws SchemaPinError `SCHEMAPIN_ENFORCEMENT_REFUSED` for a relaxed mode in production.
 */
export async function admitSkill(
  snapshot: SkillSnapshot,
  options: AdmitSkillOptions,
): Promise<LoadedSkill | RejectedSkill> {
  const admission = new Admission(snapshot, options);
  return admission.run();
}

class Admission {
  readonly #snapshot: SkillSnapshot;
  readonly #options: AdmitSkillOptions;
  readonly #mode: EnforcementMode;
  readonly #env: Environment | undefined;
  readonly #id: string;
  readonly #reasons: SkillReason[] = [];
  readonly #warnings: SkillReason[] = [];

  constructor(snapshot: SkillSnapshot, options: AdmitSkillOptions) {
    this.#env = options.env ?? processEnvironment();
    const guard = { mode: options.mode, ...(this.#env === undefined ? {} : { env: this.#env }) };
    const { mode, isBypassed } = new Enforcement(guard);
    if (isBypassed && options.audit === undefined) {
      throw new TypeError("audit is required for a mode that is refused in production");
    }
    this.#mode = mode;
    if (
      options.publishers !== undefined &&
      (options.discovery !== undefined || options.revocation !== undefined)
    ) {
      throw new TypeError("give documents or publishers, not both");
    }
    this.#snapshot = snapshot;
    this.#options = options;
    this.#id = options.id ?? snapshot.directoryName;
  }

  async run(): Promise<LoadedSkill | RejectedSkill> {
    this.#attempt(() => assertSound(this.#snapshot));
    const signature = this.#reasons.length === 0 ? await this.#signature() : undefined;
    const document = this.#attempt(() => this.#document());
    const scan = this.#options.scanner.scan(this.#snapshot);
    this.#judge(scan);
    if (document === undefined || this.#reasons.length > 0) return this.#rejected(scan);
    return this.#loaded(document, scan, signature);
  }

  async #loaded(
    document: SkillDocument,
    scan: ScanReport,
    signature: VerifiedSkillSignature | undefined,
  ): Promise<LoadedSkill | RejectedSkill> {
    try {
      await this.#record("success", scan, this.#warnings);
      if (signature?.pinToStore !== undefined) await this.#options.pins.put([signature.pinToStore]);
    } catch (error) {
      this.#reasons.push(reasonOf(error));
      return this.#rejected(scan);
    }
    const { frontmatter, body } = document;
    const { name, description } = frontmatter;
    return issue({
      id: this.#id,
      name,
      description,
      body,
      frontmatter,
      snapshot: this.#snapshot,
      ...(signature === undefined ? {} : { signature }),
      scan,
      warnings: this.#warnings,
    });
  }

  async #rejected(scan: ScanReport): Promise<RejectedSkill> {
    try {
      await this.#record("denied", scan, this.#reasons);
    } catch (error) {
      const reason = reasonOf(error);
      if (!this.#reasons.some(({ code }) => code === reason.code)) this.#reasons.push(reason);
    }
    return Object.freeze({
      status: "rejected",
      id: this.#id,
      reasons: Object.freeze([...this.#reasons]),
      scan,
    });
  }

  async #signature(): Promise<VerifiedSkillSignature | undefined> {
    const { mode: _, env: __, scanner: ___, audit: ____, approvals: _____, ...options } = this.#options;
    const isStrict = this.#mode === "strict";
    const { allowUnsigned = false } = options;
    try {
      return await verifySkill(this.#snapshot, {
        ...options,
        id: this.#id,
        mode: isStrict ? "strict" : "permissive",
        firstUse: options.firstUse ?? defaultFirstUse(this.#env),
        requireAttestation: options.requireAttestation ?? (isStrict && !allowUnsigned),
      });
    } catch (error) {
      const reason = reasonOf(error);
      const isUnsigned = reason.code === "SCHEMAPIN_SIGNATURE_MISSING";
      const isPassed =
        this.#mode === "disabled" ||
        (isUnsigned && (allowUnsigned || (!isStrict && !(await this.#wasSigned()))));
      (isPassed ? this.#warnings : this.#reasons).push(reason);
      return undefined;
    }
  }

  /** Once it was signed, a skill without a signature is how another one would be passed off as it. */
  async #wasSigned(): Promise<boolean> {
    const { domain, pins } = this.#options;
    if (domain === undefined) return false;
    try {
      const pin = await pins.get({ kind: "skill", domain, subject: this.#id });
      return pin?.fingerprint !== undefined;
    } catch {
      return true;
    }
  }

  #document(): SkillDocument {
    const bytes = this.#snapshot.bytes("SKILL.md");
    if (bytes === undefined) throw new SkillError("SKILL_FRONTMATTER_INVALID", "there is no SKILL.md");
    const document = parseSkillDocument(bytes);
    if (document.frontmatter.name !== this.#snapshot.directoryName) {
      const reason = reasonOf(
        new SkillError("SKILL_NAME_MISMATCH", "the skill is not called like its folder"),
      );
      (this.#mode === "strict" ? this.#reasons : this.#warnings).push(reason);
    }
    return document;
  }

  #judge(scan: ScanReport): void {
    const { approvals = [], clock = Date } = this.#options;
    if (this.#mode === "disabled" || this.#mode === "development") {
      if (scan.verdict === "block") this.#weigh("SKILL_SCAN_BLOCKED", scan, this.#mode === "disabled");
      else if (scan.verdict === "review") this.#weigh("SKILL_SCAN_REVIEW", scan, true);
      if (!scan.complete) this.#weigh("SKILL_SCAN_INCOMPLETE", scan, true);
      return;
    }
    const approved = isApproved(scan, approvals, clock.now());
    if (scan.verdict === "block") this.#weigh("SKILL_SCAN_BLOCKED", scan, false);
    else if (scan.verdict === "review") this.#weigh("SKILL_SCAN_REVIEW", scan, approved);
    if (!scan.complete) this.#weigh("SKILL_SCAN_INCOMPLETE", scan, approved || this.#mode === "permissive");
  }

  #weigh(code: keyof typeof SCAN_REASONS, scan: ScanReport, isWarning: boolean): void {
    const rules = [...new Set(scan.findings.map(({ ruleId }) => ruleId))].slice(0, 3).join(", ");
    const reason = { code, reason: `${SCAN_REASONS[code]}${rules === "" ? "" : `: ${rules}`}` };
    (isWarning ? this.#warnings : this.#reasons).push(reason);
  }

  #attempt<T>(run: () => T): T | undefined {
    try {
      return run();
    } catch (error) {
      this.#reasons.push(reasonOf(error));
      return undefined;
    }
  }

  async #record(
    outcome: "success" | "denied",
    scan: ScanReport,
    reasons: readonly SkillReason[],
  ): Promise<void> {
    const { audit } = this.#options;
    if (audit === undefined) return;
    const suppressed = scan.findings.filter((finding) => finding.suppressed !== undefined);
    const data: JsonObject = {
      digest: scan.digest,
      ruleset: scan.rulesetHash,
      verdict: scan.verdict,
      mode: this.#mode,
      reasons: reasons.map(({ code }) => code),
      suppressed: suppressed.map(({ ruleId, fingerprint, suppressed: why }) => ({
        ruleId,
        fingerprint,
        reason: why?.reason ?? "",
      })),
    };
    await audit.append({
      type: "skill.load",
      outcome,
      actor: { kind: "system", id: "skills" },
      resource: { kind: "skill", id: this.#id },
      data,
    });
  }
}

const SCAN_REASONS = {
  SKILL_SCAN_BLOCKED: "the scan found what is not allowed",
  SKILL_SCAN_REVIEW: "the scan found what somebody has to look at",
  SKILL_SCAN_INCOMPLETE: "not everything could be looked at",
} as const;

/** Every failure rejects; one that nobody foresaw does too, without its words. */
export function reasonOf(error: unknown): SkillReason {
  if (SkillError.is(error) || SchemaPinError.is(error)) return { code: error.code, reason: error.message };
  return { code: "SKILL_UNREADABLE", reason: "the skill could not be read, verified or recorded" };
}
