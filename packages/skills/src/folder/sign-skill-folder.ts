import { join } from "node:path";
import { replaceFile } from "@symbiont/filestore";
import { type SignSkillOptions, signSkill } from "../signature/sign-skill.ts";
import { SIGNATURE_FILE } from "../snapshot/entry-name.ts";
import { type ReadSkillFolderOptions, readSkillFolder } from "./read-skill-folder.ts";

/** Everybody may read a signature. */
const MODE = 0o644;

/**
 * Signs a skill in its folder: reads it once, and puts `.schemapin.sig` there in one step. An old one is replaced.
 * @throws SkillError, SchemaPinError as `readSkillFolder` and `signSkill`; nothing is written then.
 * @throws FilestoreError
 */
export async function signSkillFolder(
  folder: string,
  options: SignSkillOptions & Pick<ReadSkillFolderOptions, "limits" | "timeoutMs">,
): Promise<void> {
  const { limits, timeoutMs, ...signing } = options;
  const snapshot = await readSkillFolder(folder, {
    ...(limits === undefined ? {} : { limits }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  const text = signSkill(snapshot, signing);
  await replaceFile(join(folder, SIGNATURE_FILE), new TextEncoder().encode(text), { mode: MODE });
}
