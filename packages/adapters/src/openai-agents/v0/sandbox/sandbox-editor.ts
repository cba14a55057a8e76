import type { AiSandbox } from "@symbiont/sandbox/views/ai-sdk";

/** Applies a diff of the model's: `applyDiff` of `@openai/agents`. */
export type ApplyDiff = (input: string, diff: string, mode?: "default" | "create") => string;

interface Operation {
  readonly path: string;
  readonly diff: string;
  /** Where an updated file goes. */
  readonly moveTo?: string | undefined;
}

/** How the SDK has files of a sandbox edited. */
export interface OpenAiEditor {
  createFile(operation: Operation): Promise<EditResult>;
  updateFile(operation: Operation): Promise<EditResult>;
  deleteFile(operation: Pick<Operation, "path">): Promise<EditResult>;
}

interface EditResult {
  readonly status: "completed" | "failed";
  readonly output?: string;
}

/** Edits files of a session. What the diff makes of them is the host's code; where they are read and written is ours. */
export function sandboxEditor(files: AiSandbox, applyDiff: ApplyDiff): OpenAiEditor {
  return {
    createFile: async ({ path, diff }) =>
      attempt(async () => {
        if ((await files.stat({ path })) !== null) throw new Error("there is a file of that name");
        await files.writeTextFile({ path, content: applyDiff("", diff, "create") });
      }),
    updateFile: async ({ path, diff, moveTo }) =>
      attempt(async () => {
        const before = await files.readTextFile({ path });
        if (before === null) throw new Error("there is no file of that name");
        await files.writeTextFile({ path: moveTo ?? path, content: applyDiff(before, diff) });
        if (moveTo !== undefined && moveTo !== path) await files.deleteFile({ path });
      }),
    deleteFile: async ({ path }) =>
      attempt(async () => {
        if (!(await files.deleteFile({ path }))) throw new Error("there is no file of that name");
      }),
  };
}

/** What goes wrong with an edit is the model's to read. */
async function attempt(edit: () => Promise<void>): Promise<EditResult> {
  try {
    await edit();
    return { status: "completed" };
  } catch (error) {
    return { status: "failed", output: (error as Error).message };
  }
}
