import { invalid } from "../sandbox-error.ts";

/** The kernel's limit for one argument, without its NUL. */
const MAX_ARGUMENT_BYTES = 131_071;
const MAX_TOTAL_BYTES = 1_500_000;
const MAX_ARGUMENTS = 8_000;

/**
 * Takes a copy of a command. It is given to the kernel as it is; no shell reads it.
 * @throws SandboxError `SANDBOX_INVALID_ARGUMENT`
 */
export function checkArgv(argv: readonly string[]): readonly [string, ...string[]] {
  if (!Array.isArray(argv) || argv.length === 0) invalid("argv must hold a command");
  if (argv.length > MAX_ARGUMENTS) invalid(`argv must hold at most ${MAX_ARGUMENTS} arguments`);
  let total = 0;
  for (const argument of argv as readonly unknown[]) {
    if (typeof argument !== "string" || argument.includes("\0")) invalid("argv must hold texts without NUL");
    const bytes = Buffer.byteLength(argument);
    if (bytes > MAX_ARGUMENT_BYTES) invalid(`an argument is longer than ${MAX_ARGUMENT_BYTES} bytes`);
    total += bytes + 1;
  }
  if (argv[0] === "") invalid("argv must begin with a command");
  if (total > MAX_TOTAL_BYTES) invalid(`argv is longer than ${MAX_TOTAL_BYTES} bytes`);
  return Object.freeze(argv.slice()) as readonly [string, ...string[]];
}
