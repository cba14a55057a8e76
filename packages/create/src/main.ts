#!/usr/bin/env node
import { relative } from "node:path";
import { parseArgs } from "node:util";
import { CreateError, createProject } from "./create-project.ts";

const USAGE = "use: npm create @symbiont [folder]";

/** Exit codes: 0 written, 2 wrong use. */
function main(): number {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: { help: { type: "boolean", short: "h" } },
    });
    if (values.help === true) return say(USAGE);
    if (positionals.length > 1) throw new CreateError(USAGE);
    const path = createProject(positionals[0] ?? "guarded-agent");
    const shown = relative(".", path) || ".";
    return say(`${shown} is ready:\n\n  cd ${shown}\n  npm install\n  npm run approve\n  npm start`);
  } catch (error) {
    if (!(error instanceof CreateError) && !(error instanceof TypeError)) throw error;
    process.stderr.write(`create: ${error.message}\n`);
    return 2;
  }
}

function say(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

process.exitCode = main();
