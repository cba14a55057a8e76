import { SandboxError } from "../sandbox-error.ts";
import { IdleLeases } from "./idle-leases.ts";
import { requireTools } from "./local-tools.ts";
import { busyUsers } from "./proc-table.ts";
import { leaseUid, type UidLease } from "./uid-lease.ts";
import type { UidRange } from "./uid-range.ts";
import { userWatchdog } from "./user-watchdog.ts";

/**
 * The user a guest runs as. Where the host is root, one that nobody else has: then it is certain who belongs to the
 * run. Else the host's own, because there is no other.
 */
export interface GuestUser {
  readonly uid: number;
  readonly isOwn: boolean;
  /** Arguments of `setpriv(1)` that turn the host's user into this one, for good; `--` and a program come after. */
  readonly arguments: readonly string[];
}

/** Dies with the host, and gains nothing from programs that would give more. */
const CONFINED = ["--no-new-privs", "--inh-caps=-all", "--pdeathsig", "KILL"];
/**
 * Becomes what comes after, unless the host has died before all that begins was told to die with it: then there is nobody
 * any more whose death would end it, and the watchdog may have looked for the user's processes already.
 */
const WITH_HOST = '[ "$PPID" = "$0" ] && shift && exec "$@"';

/**
 * Users for guests. Those that were given back are used again, or soon are anybody's. Should this process be killed, all
 * processes of a user that was taken are ended.
 */
export class UserPool {
  readonly #range: UidRange;
  readonly #isCounted: boolean;
  readonly #idle = new IdleLeases();

  /** @param isCounted whether all processes of a user count for the next guest's limit, also those nobody has reaped. */
  constructor(range: UidRange, isCounted: boolean) {
    this.#range = range;
    this.#isCounted = isCounted;
  }

  /** @throws SandboxError `SANDBOX_CAPACITY`, `SANDBOX_TIER_UNAVAILABLE` */
  async take(): Promise<GuestUser> {
    const own = process.getuid?.();
    if (own === undefined) throw new SandboxError("SANDBOX_TIER_UNAVAILABLE", "this system has no user ids");
    if (own !== 0) return { uid: own, isOwn: false, arguments: confined(process.pid) };
    const lease = this.#takeIdle() ?? (await this.#lease());
    userWatchdog.watch(lease.uid);
    return new LeasedUser(lease);
  }

  #takeIdle(): UidLease | undefined {
    let busy: ReadonlySet<number> | undefined;
    return this.#idle.take(({ uid }) => !this.#isCounted || !(busy ??= busyUsers()).has(uid));
  }

  async #lease(): Promise<UidLease> {
    try {
      return await leaseUid(this.#range);
    } catch {
      IdleLeases.releaseAll();
      return leaseUid(this.#range);
    }
  }

  /** Call it only when no process of the user is left; one that is never given back is never used again. */
  giveBack(user: GuestUser): void {
    if (!(user instanceof LeasedUser)) return;
    userWatchdog.release(user.uid);
    this.#idle.add(user.lease);
  }
}

/** Arguments of `setpriv(1)` for all guests of the process of that number. */
export function confined(host: number): readonly string[] {
  const { sh } = requireTools(["sh"]);
  return [...CONFINED, "--", sh, "-c", WITH_HOST, String(host)];
}

class LeasedUser implements GuestUser {
  readonly lease: UidLease;
  readonly isOwn = true;

  constructor(lease: UidLease) {
    this.lease = lease;
  }

  get uid(): number {
    return this.lease.uid;
  }

  get arguments(): readonly string[] {
    const id = String(this.lease.uid);
    // One program does all of it: a later change of the user would undo that it dies with the host.
    return ["--reuid", id, "--regid", id, "--clear-groups", "--bounding-set=-all", ...confined(process.pid)];
  }
}
