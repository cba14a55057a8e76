import { excerpt, type JsonObject } from "@symbiont/kit";
import { SkillError } from "../skill-error.ts";

/** A file of a skill that a server offers. */
export interface RemoteFile {
  readonly uri: string;
  /** Relative to the skill, with `/`. */
  readonly path: string;
  /** `sha256:<hex>`. */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
}

/** A skill as a server describes it. Nothing of it is verified. */
export interface RemoteSkill {
  /** Of its `SKILL.md`. */
  readonly uri: string;
  /** Last part of the path: what the skill has to be called. */
  readonly directoryName: string;
  readonly frontmatter: JsonObject;
  readonly files: readonly RemoteFile[];
}

const MAX_FILES = 512;
const MAX_BYTES = 16 << 20;
const MAX_URI = 2048;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const SKILL_URI = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#]+\/)*([^/?#]+)\/SKILL\.md$/;

/**
 * Reads one entry of `skills/list` or `skills/get`, within the limits of the extension.
 * @throws SkillError `SKILL_REMOTE_INVALID`, also for a skill whose content changes all the time.
 * @see https://github.com/modelcontextprotocol/ext-skills, specification/stable/skills.mdx
 */
export function parseSkillEntry(value: unknown): RemoteSkill {
  const { uri, frontmatter, resources } = asObject(value, "an entry is not an object");
  const name = typeof uri === "string" && uri.length <= MAX_URI ? SKILL_URI.exec(uri)?.[1] : undefined;
  if (typeof uri !== "string" || name === undefined) throw invalid("an entry has no address of a SKILL.md");
  const described = asObject(frontmatter, `${excerpt(uri)} has no frontmatter`);
  const directoryName = decodePart(name);
  if (described["name"] !== directoryName) throw invalid(`${excerpt(uri)} is not called like its folder`);
  if (resources === "dynamic") throw invalid(`${excerpt(uri)} has no fixed content`);
  if (!Array.isArray(resources) || resources.length > MAX_FILES) {
    throw invalid(`${excerpt(uri)} does not list its files, or too many`);
  }
  const root = uri.slice(0, -"SKILL.md".length);
  const files = (resources as readonly unknown[]).map((resource) => parseFile(resource, root));
  const total = files.reduce((sum, { size }) => sum + size, 0);
  if (total > MAX_BYTES) throw invalid(`${excerpt(uri)} is too large`);
  if (new Set(files.map((file) => file.uri)).size < files.length)
    throw invalid(`${excerpt(uri)} lists a file twice`);
  if (!files.some(({ path }) => path === "SKILL.md"))
    throw invalid(`${excerpt(uri)} does not list its SKILL.md`);
  return { uri, directoryName, frontmatter: described, files };
}

function parseFile(value: unknown, root: string): RemoteFile {
  const { uri, digest, size } = asObject(value, "a file of an entry is not an object");
  const isSound =
    typeof uri === "string" &&
    uri.length <= MAX_URI &&
    uri.startsWith(root) &&
    !/[?#]/.test(uri) &&
    typeof digest === "string" &&
    DIGEST.test(digest) &&
    Number.isSafeInteger(size) &&
    Number(size) >= 0;
  if (!isSound) throw invalid("a file of an entry is malformed, or not within the skill");
  const path = uri.slice(root.length).split("/").map(decodePart).join("/");
  return { uri, path, digest, size: Number(size) };
}

function decodePart(part: string): string {
  try {
    const text = decodeURIComponent(part);
    // A slash that was escaped would make one name into two.
    if (!text.includes("/")) return text;
  } catch (cause) {
    if (!(cause instanceof URIError)) throw cause;
  }
  throw invalid("an address is not escaped as it should be");
}

/** @throws SkillError `SKILL_REMOTE_INVALID` */
export function asObject(value: unknown, why: string): JsonObject {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw invalid(why);
}

export function invalid(why: string, cause?: unknown): SkillError {
  return new SkillError("SKILL_REMOTE_INVALID", `the server's answer is not usable: ${why}`, { cause });
}
