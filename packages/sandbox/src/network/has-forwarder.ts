/** Of the processors that `forwarder-programs.ts` has programs for, apart from these, because nothing runs without asking. */
const PROCESSORS: readonly string[] = ["x64", "arm64"];

/** Whether there is a forwarder for this processor. */
export function hasForwarder(arch: string = process.arch): boolean {
  return PROCESSORS.includes(arch);
}
