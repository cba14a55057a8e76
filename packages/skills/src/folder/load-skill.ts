import { opendir, realpath } from "node:fs/promises";
import { basename, join, sep } from "node:path";
import { type AdmitSkillOptions, admitSkill, reasonOf } from "../loader/admit-skill.ts";
import type { LoadedSkill, RejectedSkill } from "../loader/skill-load.ts";
import { checkReading, type ReadSkillFolderOptions, readSkillFolder } from "./read-skill-folder.ts";

/** On what terms a folder is loaded. */
export interface LoadSkillOptions extends Omit<AdmitSkillOptions, "allowUnsigned">, ReadSkillFolderOptions {
  /** Folders below which skills need not be signed, because the operator puts them there. Default none. */
  readonly allowUnsignedFrom?: readonly string[];
}

/** On what terms folders of skills are loaded. */
export interface LoadAllOptions extends Omit<LoadSkillOptions, "domain" | "id"> {
  /** Whose a skill is, by the name of its folder. Default: nobody's. */
  readonly domainOf?: (directoryName: string, folder: string) => string | undefined;
}

/** What became of each folder of skills. */
export interface LoadedFolders {
  readonly loaded: readonly LoadedSkill[];
  readonly rejected: readonly (RejectedSkill & { readonly folder: string })[];
}

const MAX_SKILLS = 10_000;

/**
 * Loads a skill from its folder, in one read. Failures of the skill reject it; wrong options throw.
 * @throws TypeError, RangeError
 * @throws SchemaPinError `SCHEMAPIN_ENFORCEMENT_REFUSED`
 */
export async function loadSkill(
  folder: string,
  options: LoadSkillOptions,
): Promise<LoadedSkill | RejectedSkill> {
  const { allowUnsignedFrom = [], limits, exclude, timeoutMs, ...admission } = options;
  const reading = {
    ...(limits === undefined ? {} : { limits }),
    ...(exclude === undefined ? {} : { exclude }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
  checkReading(reading);
  try {
    // Before the reading: what is read is what was found there.
    const root = await realpath(folder).catch(() => undefined);
    const allowUnsigned = root !== undefined && (await isBelow(root, allowUnsignedFrom));
    const snapshot = await readSkillFolder(root ?? folder, reading);
    return await admitSkill(snapshot, { ...admission, allowUnsigned });
  } catch (error) {
    const reason = reasonOf(error);
    const isAboutOptions = error instanceof TypeError || reason.code === "SCHEMAPIN_ENFORCEMENT_REFUSED";
    if (isAboutOptions) throw error;
    return Object.freeze({ status: "rejected", id: options.id ?? basename(folder), reasons: [reason] });
  }
}

/**
 * Loads every folder with a `SKILL.md` below some folders, one level deep. One that is rejected does not keep others
 * from being loaded; of two skills of one name the first stands, and the other is rejected.
 */
export async function loadAll(folders: readonly string[], options: LoadAllOptions): Promise<LoadedFolders> {
  const { domainOf = () => undefined, ...rest } = options;
  const loaded = new Map<string, LoadedSkill>();
  const rejected: (RejectedSkill & { readonly folder: string })[] = [];
  for (const folder of await skillFolders(folders)) {
    const domain = domainOf(basename(folder), folder);
    const skill = await loadSkill(folder, { ...rest, ...(domain === undefined ? {} : { domain }) });
    if (skill.status === "rejected") rejected.push({ ...skill, folder });
    else if (!loaded.has(skill.name)) loaded.set(skill.name, skill);
    else {
      const reason = "another skill of this name was loaded before";
      const { id, scan } = skill;
      rejected.push({
        status: "rejected",
        id,
        scan,
        folder,
        reasons: [{ code: "SKILL_NAME_MISMATCH", reason }],
      });
    }
  }
  return { loaded: [...loaded.values()], rejected };
}

/** Folders, and links, in the order of their names; what is no skill is found out when it is read. */
async function skillFolders(folders: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const folder of folders) {
    const names: string[] = [];
    try {
      for await (const entry of await opendir(folder)) {
        if (entry.isFile() || entry.name.startsWith(".")) continue;
        if (names.length >= MAX_SKILLS) throw new RangeError("a folder holds too many skills");
        names.push(entry.name);
      }
    } catch (error) {
      // Load paths are a list of places where there may be skills.
      if ((error as { readonly code?: unknown }).code !== "ENOENT") throw error;
    }
    found.push(...names.sort().map((name) => join(folder, name)));
  }
  return found;
}

async function isBelow(root: string, folders: readonly string[]): Promise<boolean> {
  for (const folder of folders) {
    const real = await realpath(folder).catch(() => undefined);
    if (real !== undefined && root.startsWith(real.endsWith(sep) ? real : `${real}${sep}`)) return true;
  }
  return false;
}
