import { readdir, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import type { JsonValue } from "@symbiont/kit";
import { type ScanReport, SkillScanner, toSarif } from "@symbiont/skills";
import { readSkillFolder } from "@symbiont/skills/folder";
import type { Answer, Task } from "../../program/task.ts";
import type { Line } from "../../program/terminal.ts";
import { UsageError } from "../../program/usage-error.ts";

/** `skills scan`. */
export async function scanSkills(
  { sarif }: { readonly sarif?: boolean },
  task: Task,
  ...given: readonly string[]
): Promise<Answer | undefined> {
  const scanner = new SkillScanner();
  const scanned: { readonly folder: string; readonly report: ScanReport }[] = [];
  for (const folder of (await Promise.all(given.map(skillFolders))).flat()) {
    task.signal.throwIfAborted();
    scanned.push({ folder, report: scanner.scan(await readSkillFolder(folder)) });
  }
  const no = scanned.some(({ report }) => report.verdict !== "info" || !report.complete);
  const sum = `${scanned.length} skills, ${scanned.filter(({ report }) => report.verdict === "block").length} blocked`;
  if (sarif === true) {
    const folders = new Map(scanned.map(({ folder, report }) => [report, relative(".", folder)]));
    const document = toSarif([...folders.keys()], {
      folderOf: (report) => folders.get(report) ?? report.directoryName,
    });
    await task.raw(`${JSON.stringify(document, undefined, 2)}\n`);
    return { lines: [], no };
  }
  return {
    data: scanned.map(({ folder, report }) => ({ folder, ...report })) as unknown as JsonValue,
    lines: [...scanned.flatMap(describe), [no ? "warn" : "ok", sum]],
    no,
  };
}

function describe({ folder, report }: { readonly folder: string; readonly report: ScanReport }): Line[] {
  const { verdict, complete, findings } = report;
  const mark = verdict === "info" && complete ? "ok" : verdict === "block" ? "bad" : "warn";
  return [
    [mark, `${folder}: ${verdict}${complete ? "" : ", not everything was looked at"}`],
    ...findings.flatMap(({ ruleId, severity, confidence, file, line, why, excerpt, fingerprint }): Line[] => [
      [
        "note",
        `${severity}/${confidence} ${ruleId} ${file}${line === undefined ? "" : `:${line}`} [${fingerprint}]`,
      ],
      ["note", `  ${why.join("; ")}: ${excerpt}`],
    ]),
  ];
}

/** The folder itself when it is a skill, else every folder below it that is one. */
async function skillFolders(folder: string): Promise<readonly string[]> {
  const stats = await stat(folder).catch(() => undefined);
  if (stats?.isDirectory() !== true) throw new UsageError(`${folder} is not a folder`);
  if ((await stat(join(folder, "SKILL.md")).catch(() => undefined))?.isFile() === true) return [folder];
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const found = entries
    .filter((entry) => entry.isFile() && entry.name === "SKILL.md")
    .map((entry) => entry.parentPath);
  if (found.length === 0) throw new UsageError(`there is no skill in ${folder}`);
  return found.sort();
}
