export {
  type LoadAllOptions,
  type LoadedFolders,
  type LoadSkillOptions,
  loadAll,
  loadSkill,
} from "./load-skill.ts";
export { materialize } from "./materialize.ts";
export { type ReadSkillFolderOptions, readSkillFolder } from "./read-skill-folder.ts";
export { signSkillFolder } from "./sign-skill-folder.ts";
