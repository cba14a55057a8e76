import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Oracle } from "./reference.ts";

/** The published version that documents are exchanged with, in Python and Rust. */
const VERSION = "1.3.0";

const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "symbiont-test-oracles");
const here = dirname(fileURLToPath(import.meta.url));

interface Recipe {
  readonly name: string;
  /** File that is there once it is installed, below its folder. */
  readonly program: string;
  readonly args: readonly string[];
  /** What it is built from: a change builds it anew. */
  readonly sources: readonly string[];
  /** Installs into an empty folder. */
  readonly install: (folder: string) => void;
}

const recipes = {
  python: {
    name: `Python schemapin ${VERSION}`,
    program: "bin/python",
    args: [join(here, "python", "reference.py")],
    sources: [],
    install(folder) {
      run("python3", ["-m", "venv", folder]);
      run(join(folder, "bin", "python"), ["-m", "pip", "install", "--quiet", `schemapin==${VERSION}`]);
    },
  },
  rust: {
    name: `Rust schemapin ${VERSION}`,
    program: "release/schemapin-reference",
    args: [],
    sources: ["rust/Cargo.lock", "rust/src/main.rs"],
    install(folder) {
      const manifest = join(here, "rust", "Cargo.toml");
      run("cargo", ["build", "--release", "--locked", "--manifest-path", manifest, "--target-dir", folder]);
    },
  },
  go: {
    name: "Go encoding/json",
    program: "reference",
    args: [],
    sources: ["go/main.go"],
    install(folder) {
      cpSync(join(here, "go"), folder, { recursive: true });
      run("go", ["build", "-o", join(folder, "reference"), "."], folder);
    },
  },
} as const satisfies Readonly<Record<string, Recipe>>;

/** What is installed already. */
export function oracle(language: keyof typeof recipes): Oracle {
  const recipe: Recipe = recipes[language];
  const command = commandOf(recipe);
  const why = existsSync(command)
    ? ""
    : ` (skipped: ${recipe.name} is not installed; the slow tests do that)`;
  return { why, command, args: recipe.args };
}

/** Installs it once, outside the repository; says why when it cannot be. */
export function installOracle(language: keyof typeof recipes): Oracle {
  const recipe: Recipe = recipes[language];
  const command = commandOf(recipe);
  const { args } = recipe;
  if (existsSync(command)) return { why: "", command, args };
  const folder = folderOf(recipe);
  const made = `${folder}.${process.pid}`;
  try {
    mkdirSync(made, { recursive: true });
    recipe.install(made);
    renameSync(made, folder);
    return { why: "", command, args };
  } catch (error) {
    rmSync(made, { recursive: true, force: true });
    if (existsSync(command)) return { why: "", command, args };
    const reason = (error as Error).message.slice(0, 80);
    return { why: ` (skipped: ${recipe.name} cannot be installed: ${reason})`, command, args };
  }
}

function folderOf({ name, sources }: Recipe): string {
  const digest = createHash("sha256");
  for (const source of sources) digest.update(readFileSync(join(here, source)));
  return join(
    cache,
    `${name.toLowerCase().replaceAll(/[^a-z0-9.]+/g, "-")}-${digest.digest("hex").slice(0, 8)}`,
  );
}

function commandOf(recipe: Recipe): string {
  return join(folderOf(recipe), recipe.program);
}

function run(command: string, args: readonly string[], cwd?: string): void {
  execFileSync(command, args, { cwd, stdio: "ignore", timeout: 600_000 });
}
