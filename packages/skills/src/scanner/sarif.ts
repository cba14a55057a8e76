import type { JsonObject } from "@symbiont/kit";
import type { Finding } from "./finding.ts";
import type { ScanReport } from "./scan-report.ts";

/** How reports are written as SARIF. */
export interface SarifOptions {
  /** Where each skill's folder stands, relative to the root of the repository, with `/`. Default: its name. */
  readonly folderOf?: (report: ScanReport) => string;
}

/**
 * Writes reports as SARIF 2.1.0, which code hosts show in place.
 * @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export function toSarif(reports: readonly ScanReport[], options: SarifOptions = {}): JsonObject {
  const { folderOf = ({ directoryName }) => directoryName } = options;
  const rules = new Map<string, Finding>();
  for (const { findings } of reports) {
    for (const finding of findings) if (!rules.has(finding.ruleId)) rules.set(finding.ruleId, finding);
  }
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "@symbiont/skills",
            version: reports[0]?.rulesetVersion ?? "0.0.0",
            rules: [...rules].map(([id, { why, severity }]) => ({
              id,
              shortDescription: { text: why[0] ?? id },
              properties: {
                "security-severity": { critical: "9.5", high: "7.5", medium: "5.0", low: "2.0" }[severity],
              },
            })),
          },
        },
        // Columns are counted as in findings.
        columnKind: "utf16CodeUnits",
        results: reports.flatMap((report) =>
          report.findings.map((finding) => result(finding, folderOf(report))),
        ),
      },
    ],
  };
}

function result(finding: Finding, folder: string): JsonObject {
  const { ruleId, severity, confidence, file, line, column, excerpt, why, fingerprint, suppressed } = finding;
  const uri = `${folder}/${file}`.split("/").map(encodeURIComponent).join("/");
  const region = line === undefined ? {} : { region: { startLine: line, startColumn: column ?? 1 } };
  return {
    ruleId,
    level: levelOf(finding),
    message: { text: `${why.join("; ")}: ${excerpt}` },
    locations: [{ physicalLocation: { artifactLocation: { uri }, ...region } }],
    partialFingerprints: { "skills/v1": fingerprint },
    properties: { severity, confidence },
    ...(suppressed === undefined
      ? {}
      : { suppressions: [{ kind: "external", justification: suppressed.reason }] }),
  };
}

function levelOf({ severity, confidence }: Finding): "error" | "warning" | "note" {
  if (severity !== "critical" && severity !== "high") return "note";
  return { high: "error", medium: "warning", low: "note" }[confidence] as "error" | "warning" | "note";
}
