import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ReferenceProcess } from "./reference-process.ts";

const VERSION = "0.3.0";
const cache = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
const folder = join(cache, "symbiont-test-rust", `agentpin-${VERSION}`);
const program = join(folder, "target", "release", "agentpin-reference");
const source = fileURLToPath(new URL("./rust-reference/", import.meta.url));

/** Builds a program around the published crate once, outside the repository; says why when it cannot be. */
export function installRust(): string {
  if (existsSync(program)) return "";
  try {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    cpSync(source, folder, { recursive: true });
    execFileSync("cargo", ["build", "--release", "--quiet"], {
      cwd: folder,
      stdio: "ignore",
      timeout: 500_000,
    });
    return "";
  } catch (error) {
    return ` (skipped: the Rust reference cannot be built: ${(error as Error).message.slice(0, 80)})`;
  }
}

/** Starts the reference. */
export function startRust(): ReferenceProcess {
  return new ReferenceProcess(program);
}
