import type { MemoryGroup } from "./memory-group.ts";

/** Puts itself into a group, and becomes the program that comes after. */
const ENTER = 'echo 0 > "$0" && exec "$@"';

/** The program to start, and its arguments, for one that is to be in a memory group where there is one. */
export function inGroup(
  group: MemoryGroup | undefined,
  shell: string,
  file: string,
  args: readonly string[],
): { readonly file: string; readonly args: readonly string[] } {
  return group === undefined
    ? { file, args }
    : { file: shell, args: ["-c", ENTER, group.membersFile, file, ...args] };
}
