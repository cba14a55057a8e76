import {
  compilePolicies,
  type LintFinding,
  lintPolicies,
  PolicyError,
  type PolicyFile,
  parsePolicies,
} from "@symbiont/policy";
import type { Answer, Task } from "../../program/task.ts";
import type { Line } from "../../program/terminal.ts";
import { readPolicyFiles } from "./policy-files.ts";

/** `policy check`. */
export async function checkPolicies(
  { strict }: { readonly strict?: boolean },
  task: Task,
  ...paths: readonly string[]
): Promise<Answer> {
  const sources = await readPolicyFiles(paths, task);
  const found: Omit<LintFinding, "id">[] = [];
  const parsed: PolicyFile[] = [];
  const attempt = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      if (!PolicyError.is(error)) throw error;
      found.push(...error.diagnostics.map((one) => ({ ...one, severity: "error" as const })));
    }
  };
  for (const { file, source } of sources) attempt(() => void parsed.push(parsePolicies(source, { file })));
  if (found.length === 0) attempt(() => void compilePolicies(parsed));
  found.push(...lintPolicies(parsed));
  const errors = found.filter(({ severity }) => severity === "error").length;
  const warnings = found.length - errors;
  const lines = found.map(
    ({ severity, file, line, column, message, hint }): Line => [
      severity === "error" ? "bad" : "warn",
      `${file}:${line}:${column} ${message}${hint === undefined ? "" : ` (${hint})`}`,
    ],
  );
  const sum = `${sources.length} ${sources.length === 1 ? "file" : "files"}, ${errors} errors, ${warnings} warnings`;
  const no = errors > 0 || (strict === true && warnings > 0);
  return {
    data: {
      files: sources.length,
      errors,
      warnings,
      findings: found.map(({ severity, file, line, column, message }) => ({
        severity,
        file,
        line,
        column,
        message,
      })),
    },
    lines: [...lines, [no ? "bad" : "ok", sum]],
    no,
  };
}
