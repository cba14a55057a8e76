import { SandboxError } from "../sandbox-error.ts";
import { findTool } from "./find-tool.ts";

/** What provides a program, by the names of Debian's packages. */
const PACKAGES = {
  setpriv: "util-linux",
  prlimit: "util-linux",
  sh: "dash",
  bwrap: "bubblewrap",
  runsc: "runsc",
  "qemu-system-x86_64": "qemu-system-x86",
} as const;

/** A program of the system that a tier is built on. */
export type ToolName = keyof typeof PACKAGES;

/** The paths of some programs, and what is missing. */
export function findTools<Name extends ToolName>(
  names: readonly Name[],
): { readonly paths: Readonly<Partial<Record<Name, string>>>; readonly missing: readonly Name[] } {
  const paths: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const path = findTool(name);
    if (path !== undefined) paths[name] = path;
  }
  return { paths, missing: names.filter((name) => paths[name] === undefined) };
}

/** @throws SandboxError `SANDBOX_TIER_UNAVAILABLE` naming what is missing. */
export function requireTools<Name extends ToolName>(names: readonly Name[]): Readonly<Record<Name, string>> {
  const { paths, missing } = findTools(names);
  if (missing.length === 0) return paths as Record<Name, string>;
  throw new SandboxError("SANDBOX_TIER_UNAVAILABLE", `not installed: ${missing.join(", ")}`);
}

/** What to install. */
export function installAdvice(missing: readonly ToolName[]): readonly string[] {
  const packages = new Set(missing.map((name) => PACKAGES[name]));
  return packages.size === 0 ? [] : [`install ${[...packages].join(", ")}`];
}
