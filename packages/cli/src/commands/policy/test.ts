import {
  compilePolicies,
  createDecisionPoint,
  parsePolicies,
  parsePolicyCases,
  runPolicyCases,
} from "@symbiont/policy";
import { readInput } from "../../program/read-input.ts";
import type { Answer, Task } from "../../program/task.ts";
import type { Line } from "../../program/terminal.ts";
import { readPolicyFiles } from "./policy-files.ts";

/** `policy test`. */
export async function testPolicies(
  _: object,
  task: Task,
  folder = "",
  ...caseFiles: readonly string[]
): Promise<Answer> {
  const sources = await readPolicyFiles([folder], task);
  const point = createDecisionPoint(
    compilePolicies(sources.map(({ file, source }) => parsePolicies(source, { file }))),
  );
  let passed = 0;
  const failed: { readonly file: string; readonly name: string; readonly differences: readonly string[] }[] =
    [];
  for (const file of caseFiles) {
    const report = await runPolicyCases(parsePolicyCases(await readInput(file, task), { file }), point);
    passed += report.passed;
    for (const one of report.results) if (!one.passed) failed.push({ file, ...one });
  }
  const lines = failed.flatMap(({ file, name, differences }): Line[] => [
    ["bad", `${file}: ${name}`],
    ...differences.map((difference): Line => ["note", difference]),
  ]);
  return {
    data: {
      passed,
      failed: failed.length,
      failures: failed.map(({ file, name, differences }) => ({ file, name, differences: [...differences] })),
    },
    lines: [...lines, [failed.length === 0 ? "ok" : "bad", `${passed} passed, ${failed.length} failed`]],
    no: failed.length > 0,
  };
}
