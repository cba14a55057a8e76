import { chmod, mkdir, open, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isLoadedSkill, type LoadedSkill } from "../loader/skill-load.ts";
import { SkillError } from "../skill-error.ts";
import { SIGNATURE_FILE } from "../snapshot/entry-name.ts";

const READ_ONLY = 0o444;
const EXECUTABLE = 0o555;

/**
 * Writes a loaded skill into a new folder, for a sandbox: exactly the bytes that were hashed and scanned, read-only, and
 * executable where the skill has it so. When it fails nothing is left.
 *
 * @throws SkillError `SKILL_TARGET_EXISTS`
 * @throws TypeError for something that `loadSkill` did not load.
 */
export async function materialize(skill: LoadedSkill, folder: string): Promise<void> {
  if (!isLoadedSkill(skill)) throw new TypeError("skill must be one that was loaded");
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (cause) {
    if ((cause as { readonly code?: unknown }).code !== "EEXIST") throw cause;
    throw new SkillError("SKILL_TARGET_EXISTS", "the folder to write to exists", { cause });
  }
  try {
    await write(skill, folder);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function write({ snapshot }: LoadedSkill, folder: string): Promise<void> {
  const folders = new Set<string>([folder]);
  for (const { path, executable } of snapshot.files) {
    if (path === SIGNATURE_FILE) continue;
    const target = join(folder, ...path.split("/"));
    const parent = dirname(target);
    await mkdir(parent, { recursive: true, mode: 0o700 });
    for (let at = parent; !folders.has(at); at = dirname(at)) folders.add(at);
    const mode = executable ? EXECUTABLE : READ_ONLY;
    const file = await open(target, "wx", mode);
    try {
      await file.writeFile(snapshot.bytes(path) ?? new Uint8Array());
      // The process' mask took bits away.
      await file.chmod(mode);
    } finally {
      await file.close();
    }
  }
  for (const path of [...folders].toReversed()) await chmod(path, EXECUTABLE);
}
