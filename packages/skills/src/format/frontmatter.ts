import { decodeUtf8, excerpt, type JsonValue, KitError } from "@symbiont/kit";
import { SkillError } from "../skill-error.ts";
import { parseYamlMapping } from "./parse-yaml.ts";

/** What a SKILL.md says about its skill. */
export interface SkillFrontmatter {
  /** 1 to 64 of `a-z`, `0-9` and single hyphens between them. */
  readonly name: string;
  /** 1 to 1,024 characters. */
  readonly description: string;
  readonly license?: string;
  /** At most 500 characters. */
  readonly compatibility?: string;
  readonly metadata: ReadonlyMap<string, string>;
  /** In the order written; `Bash(git:*)` is one. */
  readonly allowedTools: readonly string[];
  /** All members, as YAML's core schema reads them. */
  readonly members: { readonly [name: string]: JsonValue };
}

/** A SKILL.md, read. */
export interface SkillDocument {
  readonly frontmatter: SkillFrontmatter;
  /** Everything behind the frontmatter. */
  readonly body: string;
}

const MAX_FRONTMATTER = 256 << 10;
const NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/**
 * Reads a SKILL.md.
 * @throws SkillError `SKILL_FRONTMATTER_INVALID`
 * @see https://agentskills.io/specification
 */
export function parseSkillDocument(bytes: Uint8Array): SkillDocument {
  try {
    const { head, body } = split(decodeUtf8(bytes));
    return { frontmatter: read(head), body };
  } catch (cause) {
    if (SkillError.is(cause)) throw cause;
    if (cause instanceof SyntaxError || KitError.is(cause)) throw invalid(cause.message, cause);
    throw cause;
  }
}

function split(text: string): { readonly head: string; readonly body: string } {
  const opening = /^---[ \t]*\r?\n/.exec(text);
  if (opening === null) throw invalid("SKILL.md does not begin with frontmatter");
  // Only a line of its own ends it: dashes inside a value do not.
  const closing = /^---[ \t]*(?:\r?\n|$(?![\s\S]))/m.exec(text.slice(opening[0].length, MAX_FRONTMATTER));
  if (closing === null) throw invalid("the frontmatter does not end, or is too long");
  const end = opening[0].length + closing.index;
  return { head: text.slice(opening[0].length, end), body: text.slice(end + closing[0].length) };
}

function read(head: string): SkillFrontmatter {
  const members = parseYamlMapping(head, "core");
  const texts = parseYamlMapping(head, "text");
  const name = required(members, "name");
  const description = required(members, "description");
  if (name.length > 64 || !NAME.test(name)) throw invalid(`name ${excerpt(name)} is not allowed`);
  if (description.trim() === "" || description.length > 1024) {
    throw invalid("description must have 1 to 1,024 characters");
  }
  const license = optional(texts, "license");
  const compatibility = optional(texts, "compatibility");
  if (compatibility !== undefined && compatibility.length > 500) {
    throw invalid("compatibility must have at most 500 characters");
  }
  return {
    name,
    description,
    ...(license === undefined ? {} : { license }),
    ...(compatibility === undefined ? {} : { compatibility }),
    metadata: metadataOf(texts["metadata"]),
    allowedTools: toolsOf(texts["allowed-tools"]),
    members,
  };
}

function required(members: { readonly [name: string]: JsonValue }, member: string): string {
  const value = members[member];
  if (typeof value !== "string") throw invalid(`${member} is missing, or not text`);
  return value;
}

function optional(members: { readonly [name: string]: JsonValue }, member: string): string | undefined {
  const value = members[member];
  if (value === undefined || typeof value === "string") return value;
  throw invalid(`${member} is not text`);
}

/** The format has texts only; what else people put there is kept as its JSON. */
function metadataOf(value: JsonValue | undefined): ReadonlyMap<string, string> {
  if (value === undefined || value === "") return new Map();
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid("metadata is not a mapping");
  }
  return new Map(
    Object.entries(value).map(([key, item]) => [key, typeof item === "string" ? item : JSON.stringify(item)]),
  );
}

/** Separated by blanks or commas, which parentheses protect; or a list. */
function toolsOf(value: JsonValue | undefined): readonly string[] {
  if (value === undefined) return [];
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
  if (typeof value !== "string") throw invalid("allowed-tools is not text");
  return value.match(/[^\s,()]+(?:\([^)]*\))?/g) ?? [];
}

function invalid(why: string, cause?: unknown): SkillError {
  return new SkillError("SKILL_FRONTMATTER_INVALID", `frontmatter is not valid: ${why}`, {
    cause,
    paths: ["SKILL.md"],
  });
}
