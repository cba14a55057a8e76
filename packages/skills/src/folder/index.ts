export { type ReadSkillFolderOptions, readSkillFolder } from "./read-skill-folder.ts";
