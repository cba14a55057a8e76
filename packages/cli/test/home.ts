import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { type Ended, symbiont } from "./symbiont.ts";

/** A folder that `symbiont init` has set up, and the program in it; gone when the tests of the file are over. */
export interface Home {
  readonly path: (name: string) => string;
  readonly write: (name: string, content: string) => string;
  readonly run: (...words: string[]) => Promise<Ended>;
  readonly json: (...words: string[]) => Promise<unknown>;
}

export function initializedHome(): Home {
  let folder = "";
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "symbiont-cli-"));
    const made = await symbiont(["init"], { cwd: folder });
    if (made.code !== 0) throw new Error(made.stderr);
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const path = (name: string): string => join(folder, name);
  const run = async (...words: string[]): Promise<Ended> => symbiont(words, { cwd: folder });
  return {
    path,
    run,
    write: (name, content) => {
      writeFileSync(path(name), content);
      return name;
    },
    json: async (...words) => JSON.parse((await run(...words, "--json")).stdout) as unknown,
  };
}
