import { createServer } from "node:net";
import { SandboxError } from "../sandbox-error.ts";
import { busyUsers } from "./proc-table.ts";
import type { UidRange } from "./uid-range.ts";

/** A user id that is nobody else's until it is given back. */
export interface UidLease {
  readonly uid: number;
  release(): void;
}

/**
 * Leases a user id for as long as this process lives. The lease is an abstract socket: the kernel gives a name to one
 * process only, and takes it back when that process dies, however it dies. A user that still has processes is passed
 * over.
 *
 * @throws SandboxError `SANDBOX_CAPACITY` when all are in use.
 */
export async function leaseUid({ first, count }: UidRange): Promise<UidLease> {
  const busy = busyUsers();
  const offset = Math.floor(Math.random() * count);
  for (let step = 0; step < count; step += 1) {
    const uid = first + ((offset + step) % count);
    if (busy.has(uid)) continue;
    const release = await claim(`symbiont-sandbox-uid-${uid}`);
    if (release !== undefined) return { uid, release };
  }
  throw new SandboxError("SANDBOX_CAPACITY", "every user id of the range is in use", { retryable: true });
}

/** Undefined when another process has the name. */
async function claim(name: string): Promise<(() => void) | undefined> {
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve) => {
    server.once("error", () => resolve(undefined));
    server.listen({ path: `\0${name}` }, () => {
      server.unref();
      resolve(() => server.close());
    });
  });
}
