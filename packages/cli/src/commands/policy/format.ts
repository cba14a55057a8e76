import { replaceFile } from "@symbiont/filestore";
import { formatPolicies } from "@symbiont/policy";
import type { Answer, Task } from "../../program/task.ts";
import { readPolicyFiles } from "./policy-files.ts";

/** `policy fmt`. */
export async function formatFiles(
  { check }: { readonly check?: boolean },
  task: Task,
  ...paths: readonly string[]
): Promise<Answer> {
  const changed: string[] = [];
  const sources = await readPolicyFiles(paths, task);
  for (const { file, source } of sources) {
    const formatted = formatPolicies(source, { file });
    if (formatted === new TextDecoder().decode(source)) continue;
    changed.push(file);
    if (check !== true) await replaceFile(file, new TextEncoder().encode(formatted), { mode: 0o644 });
  }
  const no = check === true && changed.length > 0;
  const verb = check === true ? "would change" : "written";
  return {
    data: { files: sources.length, changed },
    lines: [
      ...changed.map((file) => `${file} ${verb}`),
      [no ? "bad" : "ok", `${changed.length} of ${sources.length} ${verb}`],
    ],
    no,
  };
}
