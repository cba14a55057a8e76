import { invalid } from "../sandbox-error.ts";

const MAX_WARM = 64;

/** How many sandboxes may be kept ready. @throws SandboxError `SANDBOX_INVALID_ARGUMENT` */
export function checkWarm(size: number): number {
  return Number.isSafeInteger(size) && size >= 0 && size <= MAX_WARM
    ? size
    : invalid(`warm must be at most ${MAX_WARM}`);
}
