import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "symbiont-test-python");

/** A published Python package in an environment of its own, outside the repository. */
export interface PythonPackage {
  /** The interpreter that has it. */
  readonly python: string;
  isInstalled(): boolean;
  /** Installs it once; says why when it cannot be, as part of a test title, and is empty when it is there. */
  install(): string;
}

export function pythonPackage(name: string, version: string): PythonPackage {
  const folder = join(cache, `${name}-${version}`);
  const python = join(folder, "bin", "python");
  return { python, isInstalled: () => existsSync(python), install };

  function install(): string {
    if (existsSync(python)) return "";
    const made = `${folder}.${process.pid}`;
    const run = (command: string, args: readonly string[]): void => {
      execFileSync(command, args, { stdio: "ignore", timeout: 300_000 });
    };
    try {
      mkdirSync(cache, { recursive: true });
      run("python3", ["-m", "venv", made]);
      run(join(made, "bin", "python"), ["-m", "pip", "install", "--quiet", `${name}==${version}`]);
      renameSync(made, folder);
      return "";
    } catch (error) {
      rmSync(made, { recursive: true, force: true });
      if (existsSync(python)) return "";
      return ` (skipped: the Python reference cannot be installed: ${(error as Error).message.slice(0, 80)})`;
    }
  }
}
