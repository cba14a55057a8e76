import { SandboxError } from "../sandbox-error.ts";
import type { GuestCommand } from "../tiers/tier.ts";
import { WAITER_PROGRAMS } from "./waiter-programs.ts";

/** What a kept sandbox is started with: it waits for its command on standard input, and becomes it. */
export const WAITER_NAME = "wait";

/** As `guest/forwarder/waiter.c` has them. */
const FILE_BEGINS = "F";
const FILE_DATA = "D";
const ARGUMENT = "A";
const VARIABLE = "V";
const BEGIN = "B";
const HEAD_BYTES = 5;
const MAX_TEXTS = 16_384;
const MAX_TEXT_BYTES = 4 * 1024 * 1024;
/** What a file takes of a workspace beside its bytes, its folders included. */
const FILE_OVERHEAD_BYTES = 64 * 1024;

/** @throws SandboxError `SANDBOX_TIER_UNAVAILABLE` */
export function waiterProgram(arch: string = process.arch): Uint8Array {
  const text = WAITER_PROGRAMS[arch];
  if (text === undefined)
    throw new SandboxError("SANDBOX_TIER_UNAVAILABLE", `there is no program that waits for ${arch}`);
  return Buffer.from(text.join(""), "base64");
}

/**
 * A command as the waiting program takes it, before the command's own input; undefined for one that had better be started
 * anew: whatever goes wrong in there would look like a program that fails.
 */
export function commandRecords({ argv, env, limits, files }: GuestCommand): Uint8Array | undefined {
  const room = limits.workspaceBytes - [...files.values()].reduce((sum, { length }) => sum + length, 0);
  const isRoomy = room > files.size * FILE_OVERHEAD_BYTES || files.size === 0;
  if (!isRoomy || [...files.values()].some(({ length }) => length > limits.fileBytes)) return undefined;
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const textBytes = [...argv, ...variables].reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0);
  if (textBytes >= MAX_TEXT_BYTES || argv.length > MAX_TEXTS || variables.length > MAX_TEXTS)
    return undefined;
  return Buffer.concat([
    ...[...files].flatMap(([path, content]) => [...record(FILE_BEGINS, path), ...record(FILE_DATA, content)]),
    ...argv.flatMap((argument) => record(ARGUMENT, argument)),
    ...variables.flatMap((variable) => record(VARIABLE, variable)),
    ...record(BEGIN, ""),
  ]);
}

function record(type: string, content: string | Uint8Array): readonly Uint8Array[] {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  const head = Buffer.alloc(HEAD_BYTES, type);
  head.writeUInt32LE(bytes.length, 1);
  return [head, bytes];
}
