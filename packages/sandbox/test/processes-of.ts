import { readdirSync, readFileSync } from "node:fs";

/** Processes of a range of users that have not ended. */
export function processesOf({
  first,
  count,
}: {
  readonly first: number;
  readonly count: number;
}): readonly string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      const status = /^\d+$/.test(pid) ? readFileSync(`/proc/${pid}/status`, "latin1") : "";
      const uid = Number(/^Uid:\s+(\d+)/m.exec(status)?.[1] ?? 0);
      return uid >= first && uid < first + count && !/^State:\s+Z/m.test(status);
    } catch {
      return false;
    }
  });
}
