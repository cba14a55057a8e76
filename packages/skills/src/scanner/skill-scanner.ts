import type { Clock } from "@symbiont/kit";
import type { SkillSnapshot, SnapshotFile } from "../snapshot/skill-snapshot.ts";
import { type CodeFlow, flowFindings } from "./checks/code-flow.ts";
import { type CoverageGap, entryFinding, gapFinding } from "./checks/coverage.ts";
import { shebangProgram } from "./checks/executables.ts";
import { manifestFindings } from "./checks/manifest.ts";
import { decodeFile } from "./decode-text.ts";
import { type Finding, makeFinding, verdictOf } from "./finding.ts";
import { makeRuleset, type Ruleset, type RulesetOptions } from "./ruleset.ts";
import type { Disposition, ScanReport } from "./scan-report.ts";
import { scanText } from "./scan-text.ts";
import { checkSuppressions, type Suppression, withSuppressions } from "./suppression.ts";

/** How skills are scanned. */
export interface SkillScannerOptions extends RulesetOptions {
  readonly suppressions?: readonly Suppression[];
  /** Longest time for one skill in milliseconds; what is not looked at then is a finding that blocks. Default 30,000. */
  readonly timeoutMs?: number;
  /** Default `Date`. */
  readonly clock?: Clock;
}

const SEVERITIES = ["critical", "high", "medium", "low"] as const;
const CONFIDENCES = ["high", "medium", "low"] as const;
const MAX_REMEMBERED = 64;

/** Scans skills. The last reports are remembered by digest: the same bytes under the same rules give the same report. */
export class SkillScanner {
  /** SHA-256 in hexadecimal over all rules and settings in force; approvals are bound to it. */
  readonly rulesetHash: string;
  readonly #ruleset: Ruleset;
  readonly #suppressions: readonly Suppression[];
  readonly #timeoutMs: number;
  readonly #clock: Clock;
  readonly #remembered = new Map<string, Omit<ScanReport, "verdict">>();

  /** @throws SkillError `SKILL_RULE_INVALID`, `SKILL_SUPPRESSION_INVALID` */
  constructor(options: SkillScannerOptions = {}) {
    const { suppressions = [], timeoutMs = 30_000, clock = Date } = options;
    if (!(timeoutMs > 0)) throw new RangeError("timeoutMs must be positive");
    checkSuppressions(suppressions);
    this.#ruleset = makeRuleset(options);
    this.rulesetHash = this.#ruleset.hash;
    this.#suppressions = suppressions.map((suppression) => ({ ...suppression }));
    this.#timeoutMs = timeoutMs;
    this.#clock = clock;
  }

  /** Scans everything in a snapshot. It never throws because of what a skill holds. */
  scan(snapshot: SkillSnapshot): ScanReport {
    const key = JSON.stringify([snapshot.digest, snapshot.directoryName, snapshot.problems]);
    const found = this.#remembered.get(key) ?? this.#look(snapshot);
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(key, found);
    const at = { digest: snapshot.digest, now: this.#clock.now() };
    const findings = withSuppressions(found.findings, this.#suppressions, at);
    return Object.freeze({ ...found, findings, verdict: verdictOf(findings) });
  }

  #look(snapshot: SkillSnapshot): Omit<ScanReport, "verdict"> {
    const { digest, directoryName, problems } = snapshot;
    const look = new SkillLook(this.#ruleset, performance.now() + this.#timeoutMs);
    const findings = [...problems.map(entryFinding), ...manifestFindings(snapshot)];
    const files = snapshot.files.map((file) => ({ path: file.path, disposition: look.file(file, snapshot) }));
    findings.push(...look.findings, ...look.acrossFiles());
    const isWhole = problems.every(({ weight }) => weight === "warn");
    return {
      digest,
      directoryName,
      rulesetVersion: this.#ruleset.version,
      rulesetHash: this.#ruleset.hash,
      complete: isWhole && files.every(({ disposition }) => disposition !== "uncovered"),
      findings: Object.freeze(findings.sort(byWeight)),
      files,
    };
  }
}

class SkillLook {
  readonly findings: Finding[] = [];
  readonly #ruleset: Ruleset;
  readonly #deadline: number;
  readonly #flows = new Map<string, CodeFlow>();

  constructor(ruleset: Ruleset, deadline: number) {
    this.#ruleset = ruleset;
    this.#deadline = deadline;
  }

  file({ path }: SnapshotFile, snapshot: SkillSnapshot): Disposition {
    if (this.#isOver()) return this.#late(path);
    const decoded = decodeFile(path, snapshot.bytes(path) ?? new Uint8Array());
    if (decoded.kind === "binary") return "media";
    if (decoded.kind === "uncovered") {
      this.#gap(decoded.why, path);
      return "uncovered";
    }
    if (decoded.concern !== undefined) this.#gap(decoded.concern, path);
    const { text } = decoded;
    const { findings, flow, isWhole } = scanText(this.#ruleset, {
      file: path,
      text,
      isOver: () => this.#isOver(),
    });
    this.findings.push(...findings);
    if (!isWhole) return this.#late(path);
    this.#shebang(path, decoded.text);
    if (flow !== undefined) this.#flows.set(path, flow);
    return "scanned";
  }

  /** Secrets that are read in one file and sent in another. */
  *acrossFiles(): Generator<Finding> {
    const flows = [...this.#flows];
    const sending = flows.find(([, { sends }]) => sends !== undefined);
    if (sending === undefined) return;
    for (const [file, { secrets }] of flows) {
      if (secrets === undefined || file === sending[0]) continue;
      for (const { ruleId, severity, confidence, why, point } of flowFindings({
        secrets,
        ...pick(sending[1]),
      })) {
        const whys = [why, "in two files of the skill"];
        yield makeFinding({ ruleId, severity, confidence, file, view: "raw", found: point.text, why: whys });
      }
    }
  }

  #isOver(): boolean {
    return performance.now() > this.#deadline;
  }

  #late(path: string): "uncovered" {
    const why = ["time was over before all of it was looked at"];
    const grave = { severity: "high", confidence: "high" } as const;
    this.findings.push(
      makeFinding({ ruleId: "coverage.time", ...grave, file: path, view: "raw", found: path, why }),
    );
    return "uncovered";
  }

  #gap(gap: CoverageGap, path: string): void {
    this.findings.push(gapFinding(gap, path));
  }

  #shebang(path: string, text: string): void {
    const allowed = this.#ruleset.allowedExecutables;
    const program = allowed === undefined ? undefined : shebangProgram(text);
    if (program === undefined || allowed?.has(program) === true) return;
    const why = ["the first line names a program that is not allowed"];
    this.findings.push(
      makeFinding({
        ruleId: "executable-not-allowed",
        severity: "high",
        confidence: "high",
        file: path,
        line: 1,
        column: 1,
        view: "raw",
        found: program,
        why,
      }),
    );
  }
}

function pick({ sends }: CodeFlow): CodeFlow {
  return sends === undefined ? {} : { sends };
}

function byWeight(a: Finding, b: Finding): number {
  return (
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    CONFIDENCES.indexOf(a.confidence) - CONFIDENCES.indexOf(b.confidence) ||
    a.file.localeCompare(b.file, "en") ||
    (a.line ?? 0) - (b.line ?? 0)
  );
}
