import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ReferenceProcess } from "./reference-process.ts";

const VERSION = "0.3.0";
const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "symbiont-test-python");
const folder = join(cache, `agentpin-${VERSION}`);
const python = join(folder, "bin", "python");
const script = fileURLToPath(new URL("./python_reference.py", import.meta.url));

/** Installs the published Python package once, outside the repository; says why when it cannot be. */
export function installPython(): string {
  if (existsSync(python)) return "";
  const made = `${folder}.${process.pid}`;
  const run = (command: string, args: readonly string[]): void => {
    execFileSync(command, args, { stdio: "ignore", timeout: 300_000 });
  };
  try {
    mkdirSync(cache, { recursive: true });
    run("python3", ["-m", "venv", made]);
    run(join(made, "bin", "python"), ["-m", "pip", "install", "--quiet", `agentpin==${VERSION}`]);
    renameSync(made, folder);
    return "";
  } catch (error) {
    rmSync(made, { recursive: true, force: true });
    if (existsSync(python)) return "";
    return ` (skipped: the Python reference cannot be installed: ${(error as Error).message.slice(0, 80)})`;
  }
}

/** Starts the reference. */
export function startPython(): ReferenceProcess {
  return new ReferenceProcess(python, [script]);
}
