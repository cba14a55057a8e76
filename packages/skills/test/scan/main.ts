// scan DIR [--sarif]: scans a skill, or a folder of skills. measure DIR --expect harmless|malicious: prints how many are
// blocked, for review, and clean, and which rules did it. No network.
// Exit status: 0 nothing for review, 1 something blocked or for review, 2 wrong use or a folder that cannot be read.
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { parseArgs } from "node:util";
import { type ScanReport, SkillError, SkillScanner, toSarif } from "@symbiont/skills";
import { readSkillFolder } from "@symbiont/skills/folder";

const USAGE = "use: scan DIR [--sarif] | measure DIR --expect harmless|malicious";

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { sarif: { type: "boolean", default: false }, expect: { type: "string" } },
  });
  const [command, folder, ...more] = positionals;
  const isMeasuring = command === "measure";
  const isSound = isMeasuring ? ["harmless", "malicious"].includes(values.expect ?? "") : command === "scan";
  if (!isSound || folder === undefined || more.length > 0) throw new TypeError(USAGE);
  const folders = skillFolders(folder);
  if (folders.length === 0) throw new TypeError("there is no skill in that folder");
  const scanner = new SkillScanner();
  const reports: { readonly folder: string; readonly report: ScanReport }[] = [];
  for (const path of folders)
    reports.push({ folder: path, report: scanner.scan(await readSkillFolder(path)) });
  if (isMeasuring) return measure(reports, values.expect === "malicious");
  if (values.sarif) printSarif(reports);
  else for (const { report } of reports) printReport(report);
  return reports.every(({ report }) => report.verdict === "info" && report.complete) ? 0 : 1;
}

/** The folder itself when it is a skill, else every folder below it that is one. */
function skillFolders(folder: string): readonly string[] {
  if (!statSync(folder).isDirectory()) throw new TypeError("it is not a folder");
  if (existsSync(join(folder, "SKILL.md"))) return [folder];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name === "SKILL.md")
    .map((entry) => entry.parentPath)
    .sort();
}

function printReport({ directoryName, verdict, complete, findings }: ScanReport): void {
  console.log(`${directoryName}: ${verdict}${complete ? "" : ", incomplete"}`);
  for (const { ruleId, severity, confidence, file, line, excerpt, why, fingerprint } of findings) {
    const place = line === undefined ? file : `${file}:${line}`;
    console.log(`  ${severity}/${confidence} ${ruleId} ${place} [${fingerprint}]`);
    console.log(`    ${why.join("; ")}: ${excerpt}`);
  }
}

function printSarif(reports: readonly { readonly folder: string; readonly report: ScanReport }[]): void {
  const folders = new Map(reports.map(({ folder, report }) => [report, relative(".", folder)]));
  const folderOf = (report: ScanReport): string => folders.get(report) ?? report.directoryName;
  console.log(JSON.stringify(toSarif([...folders.keys()], { folderOf }), undefined, 2));
}

function measure(
  reports: readonly { readonly folder: string; readonly report: ScanReport }[],
  isMalicious: boolean,
): number {
  const count = { block: 0, review: 0, info: 0 };
  const byRule = new Map<string, number>();
  for (const { report } of reports) {
    count[report.verdict] += 1;
    const grave = report.findings.filter(
      ({ severity, confidence }) => confidence !== "low" && (severity === "critical" || severity === "high"),
    );
    for (const rule of new Set(grave.map(({ ruleId }) => ruleId)))
      byRule.set(rule, (byRule.get(rule) ?? 0) + 1);
  }
  const share = (part: number): string => `${part} (${((100 * part) / reports.length).toFixed(1)} %)`;
  console.log(`${reports.length} skills, said to be ${isMalicious ? "malicious" : "harmless"}`);
  console.log(`blocked ${share(count.block)}, review ${share(count.review)}, clean ${share(count.info)}`);
  for (const [rule, skills] of [...byRule].sort(([, a], [, b]) => b - a))
    console.log(`  ${rule.padEnd(36)} ${skills}`);
  const wrong = reports.filter(({ report }) => (report.verdict === "info") === isMalicious);
  for (const { folder, report } of wrong) console.log(`  ${basename(folder)}: ${report.verdict}`);
  return wrong.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  const isFolder = SkillError.is(error) || (error as { readonly code?: unknown }).code === "ENOENT";
  console.error(isFolder || error instanceof TypeError ? (error as Error).message : error);
  process.exitCode = 2;
}
