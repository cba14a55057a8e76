import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute } from "node:path";
import { invalid, SandboxError } from "../../sandbox-error.ts";

const WRITABLE_BY_OTHERS = 0o022;
/** Sticky: others may add to the folder, but not replace what is not theirs. */
const STICKY = 0o1000;
/** Programs that run whatever they are told to: who may start one may start everything. */
const UNBOUNDED =
  /^(?:bash|sh|zsh|dash|ash|ksh|mksh|fish|csh|tcsh|busybox|pwsh|env|xargs|find|awk|gawk|mawk|(?:python|node|nodejs|perl|ruby|php|lua|deno|bun)[\d.]*)$/;

/** The programs that may be run, known by where they really are. */
export class ExecutableList {
  readonly #paths: ReadonlySet<string>;
  /** Those among them that can run anything else. */
  readonly unbounded: readonly string[];

  /** @throws SandboxError `SANDBOX_INVALID_ARGUMENT` for a path that is not absolute, or that others may change. */
  constructor(paths: readonly string[]) {
    const real = paths.map(trustedPath);
    this.#paths = new Set(real);
    this.unbounded = real.filter((path) => UNBOUNDED.test(basename(path)));
  }

  /**
   * The real path of a program; PATH is not searched.
   * @throws SandboxError `SANDBOX_SPAWN_FAILED`
   */
  resolve(program: string): string {
    if (isAbsolute(program)) {
      try {
        const real = trustedPath(program);
        if (this.#paths.has(real)) return real;
      } catch (error) {
        if (!SandboxError.is(error)) throw error;
      }
    }
    throw new SandboxError("SANDBOX_SPAWN_FAILED", "program is not one of allowedExecutables");
  }
}

function trustedPath(path: string): string {
  if (typeof path !== "string" || !isAbsolute(path)) invalid("allowedExecutables must hold absolute paths");
  let real: string;
  try {
    real = realpathSync(path);
    accessSync(real, constants.X_OK);
  } catch {
    return invalid("allowedExecutables holds a path that is no program");
  }
  for (let at = real; ; at = dirname(at)) {
    const { mode } = statSync(at);
    const isReplaceable = (mode & WRITABLE_BY_OTHERS) !== 0 && (at === real || (mode & STICKY) === 0);
    if (isReplaceable) invalid("allowedExecutables holds a program that others may change");
    if (at === "/") return real;
  }
}
