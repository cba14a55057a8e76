import type { PolicyBlock, PolicyFile, Rule } from "../parse/ast.ts";
import { LineIndex } from "../parse/position.ts";

/** A rule with its id and where it stands. */
export interface NamedRule {
  readonly id: string;
  readonly file: PolicyFile;
  /** Lines of that file. */
  readonly lines: LineIndex;
  readonly block: PolicyBlock;
  readonly rule: Rule;
}

/**
 * Gives every rule its id, `<policy>#<index>`, in order. Blocks of one name in one file are numbered through;
 * a name that several files use is prefixed with the file, `<file>:<policy>#<index>`.
 */
export function nameRules(files: readonly PolicyFile[]): NamedRule[] {
  const filesOfName = new Map<string, Set<PolicyFile>>();
  for (const file of files) {
    for (const { name } of file.policies)
      filesOfName.set(name, (filesOfName.get(name) ?? new Set()).add(file));
  }
  const counts = new Map<string, number>();
  return files.flatMap((file) => {
    const lines = new LineIndex(file.source);
    return file.policies.flatMap((block) =>
      block.rules.map((rule) => {
        const shared = (filesOfName.get(block.name)?.size ?? 0) > 1;
        const policy = shared ? `${file.file}:${block.name}` : block.name;
        const index = counts.get(policy) ?? 0;
        counts.set(policy, index + 1);
        return { id: `${policy}#${index}`, file, lines, block, rule };
      }),
    );
  });
}
