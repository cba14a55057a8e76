import { sha256Hex } from "@symbiont/keys";
import {
  type AdmittedTool,
  frozenCopy,
  type ToolAdmission,
  type ToolDefinition,
  type ToolFinding,
  type ToolVerifier,
} from "@symbiont/kit";
import { canonicalize } from "./canonicalize.ts";

/**
 * Admits the tools that a program defines in its own code, which nobody has to sign, beside those of servers, which
 * another verifier judges.
 *
 * The first definition of an own tool counts for as long as the process runs: another one under its name is blocked. A
 * server's tool that has the name of an own tool is blocked too, so that nothing can be taken for the program's own.
 */
export class OwnTools implements ToolVerifier {
  readonly #servers: ToolVerifier;
  readonly #toolboxes: ReadonlyMap<string, Map<string, AdmittedTool>>;

  /**
   * @param toolboxes the ids under which the program offers its own tools.
   * @param servers judges the tools of everybody else.
   */
  constructor(toolboxes: readonly string[], servers: ToolVerifier) {
    this.#toolboxes = new Map(toolboxes.map((id) => [id, new Map<string, AdmittedTool>()]));
    this.#servers = servers;
  }

  async admit(tools: readonly ToolDefinition[], server: string): Promise<ToolAdmission> {
    const own = this.#toolboxes.get(server);
    if (own === undefined) return this.#withoutOwnNames(await this.#servers.admit(tools, server));
    const counts = new Map<string, number>();
    for (const { name } of tools) counts.set(name, (counts.get(name) ?? 0) + 1);
    const findings = tools.map((tool) => this.#judge(own, server, tool, counts.get(tool.name) === 1));
    const admitted = new Set(findings.filter(({ action }) => action === "allow").map(({ tool }) => tool));
    return { tools: [...own.values()].filter(({ definition }) => admitted.has(definition.name)), findings };
  }

  async check(tool: string, server: string): Promise<AdmittedTool | undefined> {
    const own = this.#toolboxes.get(server);
    if (own !== undefined) return own.get(tool);
    return this.#isOwnName(tool) ? undefined : this.#servers.check(tool, server);
  }

  #judge(
    own: Map<string, AdmittedTool>,
    server: string,
    tool: ToolDefinition,
    isSingle: boolean,
  ): ToolFinding {
    const { name } = tool;
    if (!isSingle) return blocked(name, "tool_name_ambiguous", "two of the program's tools have this name");
    let digest: string;
    try {
      digest = `sha256:${sha256Hex(canonicalize(tool).text)}`;
    } catch {
      return blocked(name, "tool_malformed", "the definition cannot be written in canonical form");
    }
    const before = own.get(name);
    if (before !== undefined && before.digest !== digest)
      return blocked(name, "tool_changed", "the program defined this tool otherwise before");
    if (before === undefined) own.set(name, Object.freeze({ server, digest, definition: frozenCopy(tool) }));
    return { tool: name, action: "allow", code: "tool_own", reason: "the program's own tool" };
  }

  #withoutOwnNames({ tools, findings }: ToolAdmission): ToolAdmission {
    return {
      tools: tools.filter(({ definition }) => !this.#isOwnName(definition.name)),
      findings: findings.map((finding) =>
        finding.action !== "block" && this.#isOwnName(finding.tool)
          ? blocked(finding.tool, "tool_name_taken", "the program has a tool of this name itself")
          : finding,
      ),
    };
  }

  #isOwnName(name: string): boolean {
    for (const own of this.#toolboxes.values()) if (own.has(name)) return true;
    return false;
  }
}

function blocked(tool: string, code: string, reason: string): ToolFinding {
  return { tool, action: "block", code, reason };
}
