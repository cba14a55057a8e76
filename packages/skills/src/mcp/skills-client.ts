import { sha256Hex } from "@symbiont/keys";
import { canonicalJson, decodeBase64, encodeUtf8, KitError } from "@symbiont/kit";
import { parseSkillDocument } from "../format/frontmatter.ts";
import { type AdmitSkillOptions, admitSkill, reasonOf } from "../loader/admit-skill.ts";
import type { LoadedSkill, RejectedSkill, SkillReason } from "../loader/skill-load.ts";
import { SkillError } from "../skill-error.ts";
import { type SkillEntry, SkillSnapshot } from "../snapshot/skill-snapshot.ts";
import { asObject, invalid, parseSkillEntry, type RemoteFile, type RemoteSkill } from "./skill-entry.ts";

/** Sends one MCP request and gives its result; the client of an MCP SDK does. */
export type McpRequest = (
  request: { readonly method: string; readonly params: Readonly<Record<string, unknown>> },
  options: { readonly signal: AbortSignal },
) => Promise<unknown>;

/** Which server is asked, and how. */
export interface SkillsClientOptions {
  /** The operator's id of the server. A skill is known by it and its address together. */
  readonly server: string;
  readonly request: McpRequest;
  /** What the server said it can do. */
  readonly capabilities: { readonly extensions?: Readonly<Record<string, unknown>> };
  /** Longest time for one call of this client in milliseconds. Default 30,000. */
  readonly timeoutMs?: number;
}

/** What a server offers. */
export interface RemoteSkills {
  readonly skills: readonly RemoteSkill[];
  /** Why entries were passed over. */
  readonly refused: readonly SkillReason[];
}

/** Identifier of the extension in capabilities. */
export const SKILLS_EXTENSION = "io.modelcontextprotocol/skills";

const MAX_PAGES = 100;
const MAX_SKILLS = 10_000;

/**
 * Takes skills from an MCP server with the skills extension. All files of a skill are fetched when it is loaded, because
 * all of them are verified and scanned; they are never fetched again.
 */
export class SkillsClient {
  readonly #options: SkillsClientOptions;
  readonly #timeoutMs: number;

  /** @throws SkillError `SKILL_REMOTE_UNAVAILABLE` when the server does not have the extension. */
  constructor(options: SkillsClientOptions) {
    const { server, capabilities, timeoutMs = 30_000 } = options;
    if (server === "") throw new TypeError("server must name the server");
    if (!(timeoutMs > 0)) throw new RangeError("timeoutMs must be positive");
    if (!Object.hasOwn(capabilities.extensions ?? {}, SKILLS_EXTENSION)) {
      throw new SkillError("SKILL_REMOTE_UNAVAILABLE", "the server does not have the skills extension");
    }
    this.#options = options;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Lists what the server says it has, which need not be all.
   * @throws SkillError `SKILL_REMOTE_INVALID`, `SKILL_REMOTE_UNAVAILABLE`
   */
  async list(): Promise<RemoteSkills> {
    const signal = AbortSignal.timeout(this.#timeoutMs);
    const skills: RemoteSkill[] = [];
    const refused: SkillReason[] = [];
    let cursor: unknown;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const params = cursor === undefined ? {} : { cursor };
      const { skills: entries, nextCursor } = asObject(
        await this.#ask("skills/list", params, signal),
        "no list",
      );
      if (!Array.isArray(entries)) throw invalid("no list");
      for (const entry of entries) {
        if (skills.length + refused.length >= MAX_SKILLS) throw invalid("too many skills");
        try {
          skills.push(parseSkillEntry(entry));
        } catch (error) {
          if (!SkillError.is(error)) throw error;
          refused.push(reasonOf(error));
        }
      }
      if (nextCursor === undefined) return { skills, refused };
      cursor = nextCursor;
    }
    throw invalid("too many pages");
  }

  /**
   * Gives the entry of one skill, also of one that is not listed.
   * @throws SkillError `SKILL_REMOTE_INVALID`, `SKILL_REMOTE_UNAVAILABLE`
   */
  async get(uri: string): Promise<RemoteSkill> {
    const signal = AbortSignal.timeout(this.#timeoutMs);
    const { skill } = asObject(await this.#ask("skills/get", { uri }, signal), "no skill");
    const entry = parseSkillEntry(skill);
    if (entry.uri !== uri) throw invalid("another skill than was asked for");
    return entry;
  }

  /**
   * Fetches every file of a skill, and checks each against the entry.
   * @throws SkillError `SKILL_REMOTE_INVALID`, `SKILL_REMOTE_UNAVAILABLE`, `SKILL_FRONTMATTER_INVALID`
   */
  async read(skill: RemoteSkill): Promise<SkillSnapshot> {
    const signal = AbortSignal.timeout(this.#timeoutMs);
    const entries: SkillEntry[] = [];
    for (const file of skill.files) entries.push({ path: file.path, bytes: await this.#file(file, signal) });
    const snapshot = new SkillSnapshot(skill.directoryName, entries, { modesKnown: false });
    const { members } = parseSkillDocument(snapshot.bytes("SKILL.md") ?? new Uint8Array()).frontmatter;
    // What is shown before a skill is loaded must be what is loaded.
    if (canonicalJson(members) !== canonicalJson(skill.frontmatter)) {
      throw invalid("the frontmatter is not that of the entry");
    }
    return snapshot;
  }

  /**
   * Loads a skill on the same terms as one from a folder. It is pinned under the server and its address. Signed skills
   * have `.schemapin.sig` among their files.
   *
   * @throws TypeError
   * @throws SchemaPinError `SCHEMAPIN_ENFORCEMENT_REFUSED`
   */
  async load(
    skill: RemoteSkill,
    options: Omit<AdmitSkillOptions, "id">,
  ): Promise<LoadedSkill | RejectedSkill> {
    const id = JSON.stringify([this.#options.server, skill.uri]);
    let snapshot: SkillSnapshot;
    try {
      snapshot = await this.read(skill);
    } catch (error) {
      return Object.freeze({ status: "rejected", id, reasons: [reasonOf(error)] });
    }
    return admitSkill(snapshot, { ...options, id });
  }

  async #file({ uri, digest, size }: RemoteFile, signal: AbortSignal): Promise<Uint8Array> {
    const { contents } = asObject(await this.#ask("resources/read", { uri }, signal), "no contents");
    const [content, ...more] = Array.isArray(contents) ? (contents as readonly unknown[]) : [];
    const { uri: of, text, blob } = asObject(content, "no content");
    if (more.length > 0 || of !== uri) throw invalid("other content than was asked for");
    const bytes =
      typeof blob === "string" ? fromBase64(blob) : typeof text === "string" ? encodeUtf8(text) : undefined;
    if (bytes?.length !== size || `sha256:${sha256Hex(bytes)}` !== digest) {
      throw invalid("a file is not what the entry says");
    }
    return bytes;
  }

  async #ask(
    method: string,
    params: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<unknown> {
    if (signal.aborted) throw unavailable(signal.reason);
    const over = new AbortController();
    const late = new Promise<never>((_, reject) => {
      // Removed when the answer is there: a skill may take hundreds of requests under one signal.
      signal.addEventListener("abort", () => reject(unavailable(signal.reason)), { signal: over.signal });
    });
    try {
      return await Promise.race([this.#options.request({ method, params }, { signal }), late]);
    } catch (cause) {
      throw SkillError.is(cause) ? cause : unavailable(cause);
    } finally {
      over.abort();
    }
  }
}

function fromBase64(blob: string): Uint8Array {
  try {
    return decodeBase64(blob);
  } catch (cause) {
    if (!KitError.is(cause)) throw cause;
    throw invalid("a file is not base64", cause);
  }
}

function unavailable(cause: unknown): SkillError {
  return new SkillError("SKILL_REMOTE_UNAVAILABLE", "the server did not answer", { cause, retryable: true });
}
