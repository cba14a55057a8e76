import { statfsSync } from "node:fs";
import { isProduction, processEnvironment } from "@symbiont/kit";
import { unavailable } from "../as-audit-error.ts";

/**
 * Magic numbers of Linux for file systems whose syncs and locks are another machine's business.
 * @see https://man7.org/linux/man-pages/man2/statfs.2.html
 */
const NETWORK: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB 2"],
  [0x564c, "NCP"],
  [0x5346414f, "AFS"],
  [0x73757245, "Coda"],
  [0x00c36400, "Ceph"],
  [0x0bd00bd0, "Lustre"],
  [0x47504653, "GPFS"],
]);

/** The name of the network file system that a folder is on; undefined for all others, and where nobody can tell. */
export function networkFileSystem(directory: string): string | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    return NETWORK.get(statfsSync(directory).type >>> 0);
  } catch {
    return undefined;
  }
}

/**
 * Refuses a folder on a network file system, where a lock may be given twice and a sync may be a promise of nobody.
 * @returns whether it is one, and was allowed to be.
 * @throws AuditError `AUDIT_UNAVAILABLE`
 */
export function checkFileSystem(directory: string, allowed: boolean): boolean {
  const name = networkFileSystem(directory);
  if (name === undefined) return false;
  if (!allowed) throw unavailable(`the journal's folder is on a network file system (${name})`);
  if (isProduction(processEnvironment()))
    throw unavailable("a journal on a network file system is refused in production");
  return true;
}
