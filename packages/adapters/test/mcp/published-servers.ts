import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** MCP servers as they are published on npm, with what each needs to start. */
export const SERVERS: readonly {
  readonly name: string;
  readonly version: string;
  readonly args?: readonly string[];
}[] = [
  { name: "server-everything", version: "2026.8.31", args: ["stdio"] },
  { name: "server-filesystem", version: "2026.8.31", args: ["."] },
  { name: "server-memory", version: "2026.8.31" },
  { name: "server-sequential-thinking", version: "2026.8.31" },
  { name: "server-github", version: "2025.4.8" },
  { name: "server-postgres", version: "0.6.2", args: ["postgresql://127.0.0.1:1/none"] },
];

const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "symbiont-test-mcp");
const folder = join(cache, "servers-1");

/** Installs the servers once, outside the repository; says why when they cannot be. */
export function installServers(): string {
  if (existsSync(folder)) return "";
  const made = `${folder}.${process.pid}`;
  const packages = SERVERS.map(({ name, version }) => `@modelcontextprotocol/${name}@${version}`);
  try {
    mkdirSync(made, { recursive: true });
    const args = [
      "install",
      "--prefix",
      made,
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
      "--silent",
      ...packages,
    ];
    execFileSync("npm", args, { stdio: "ignore", timeout: 300_000, cwd: made });
    renameSync(made, folder);
    return "";
  } catch (error) {
    rmSync(made, { recursive: true, force: true });
    if (existsSync(folder)) return "";
    return ` (skipped: the servers cannot be installed: ${(error as Error).message.slice(0, 80)})`;
  }
}

/** How to start one of them. */
export function commandOf({ name, args = [] }: (typeof SERVERS)[number]) {
  const script = join(folder, "node_modules", "@modelcontextprotocol", name, "dist", "index.js");
  return { command: process.execPath, args: [script, ...args], stderr: "ignore" as const, cwd: folder };
}
