import { findTool } from "../process/find-tool.ts";

/** Whether the size of a folder that several runs share can be bounded here. */
export function canBoundWorkspace(): boolean {
  return process.getuid?.() === 0 && findTool("mount") !== undefined && findTool("umount") !== undefined;
}
