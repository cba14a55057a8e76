import { signSkillFolder } from "@symbiont/skills/folder";
import { readPrivateKey } from "../../program/private-key.ts";
import type { Answer, Task } from "../../program/task.ts";

/** `skills sign`. */
export async function signSkills(
  options: { readonly key: string; readonly domain: string; readonly version?: string },
  _: Task,
  folder = "",
): Promise<Answer> {
  const { domain, version } = options;
  const key = await readPrivateKey(options.key, "ES256");
  await signSkillFolder(folder, { key, domain, ...(version !== undefined && { version }) });
  return { data: { folder, domain }, lines: [["ok", `${folder} is signed for ${domain}`]] };
}
