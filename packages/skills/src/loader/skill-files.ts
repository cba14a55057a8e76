import { SIGNATURE_FILE } from "../snapshot/entry-name.ts";
import { isLoadedSkill, type LoadedSkill } from "./skill-load.ts";

/**
 * The files of a loaded skill by their path, as a run in `@symbiont/sandbox` takes them: exactly the bytes that were hashed
 * and scanned, copied, without the file of signatures. The sandbox writes them without the right to execute: name the
 * interpreter of a script.
 *
 * @throws TypeError for something that `loadSkill` did not load.
 */
export function skillFiles(skill: LoadedSkill): Record<string, Uint8Array> {
  if (!isLoadedSkill(skill)) throw new TypeError("skill must be one that was loaded");
  const { snapshot } = skill;
  const paths = snapshot.files.map(({ path }) => path).filter((path) => path !== SIGNATURE_FILE);
  return Object.fromEntries(paths.map((path) => [path, snapshot.bytes(path) ?? new Uint8Array()]));
}
