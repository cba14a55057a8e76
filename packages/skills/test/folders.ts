import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

export const SKILL_MD = "---\nname: demo-skill\ndescription: Formats a table.\n---\n# Demo\n";

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "skills-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a skill folder `demo-skill`, with a SKILL.md unless one is given, and gives its path. */
export function skillFolder(
  files: Readonly<Record<string, string | Uint8Array>> = {},
  name: string = "demo-skill",
): string {
  const folder = join(temporaryFolder(), name);
  for (const [path, content] of Object.entries({ "SKILL.md": SKILL_MD, ...files })) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    if (path.startsWith("scripts/")) chmodSync(file, 0o755);
  }
  return folder;
}
