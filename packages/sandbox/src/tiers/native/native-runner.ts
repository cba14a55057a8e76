import { randomBytes } from "node:crypto";
import { UserWorkspace } from "../../files/user-workspace.ts";
import type { SandboxLimits } from "../../policy/limits.ts";
import { refuseInProduction } from "../../policy/production.ts";
import { killUser } from "../../process/kill-user.ts";
import { inGroup } from "../../process/launcher.ts";
import { findTools, installAdvice, requireTools } from "../../process/local-tools.ts";
import { MemoryGroup } from "../../process/memory-group.ts";
import { rlimitArguments } from "../../process/rlimits.ts";
import { type StartedProgram, startProgram } from "../../process/start-program.ts";
import { DEFAULT_UID_RANGE, type UidRange } from "../../process/uid-range.ts";
import { type GuestUser, UserPool } from "../../process/user-pool.ts";
import type { GuestProcess } from "../../run/guest-process.ts";
import { probeTier } from "../probe-tier.ts";
import type { GuestCommand, TierReport, Workspace } from "../tier.ts";
import type { TierRunner } from "../tier-on-demand.ts";
import { ExecutableList } from "./executable-list.ts";
import { membersOfUser, membersWithMark, NativeGuest } from "./native-guest.ts";
import { createRunFolder, type RunFolder } from "./run-folder.ts";

const TOOLS = ["setpriv", "prlimit", "sh"] as const;
const MARK_NAME = "SANDBOX_RUN";

/** Runs commands as processes of the host. */
export class NativeRunner implements TierRunner {
  readonly name = "native";
  readonly #programs: ExecutableList;
  readonly #users: UserPool;

  constructor(programs: ExecutableList, uidRange: UidRange) {
    this.#programs = programs;
    this.#users = new UserPool(uidRange, true);
  }

  async probe(): Promise<TierReport> {
    const { missing } = findTools(TOOLS);
    const problems = missing.map((name) => `${name} is not installed`);
    const echo = new NativeRunner(new ExecutableList(["/bin/echo"]), DEFAULT_UID_RANGE);
    return probeTier(echo, problems, installAdvice(missing));
  }

  async createWorkspace(limits: SandboxLimits): Promise<Workspace> {
    refuseInProduction();
    return UserWorkspace.create(this.#users, limits);
  }

  async start({ argv, env, limits, files }: GuestCommand, workspace?: Workspace): Promise<GuestProcess> {
    refuseInProduction();
    const { setpriv, prlimit, sh } = requireTools(TOOLS);
    const program = this.#programs.resolve(argv[0]);
    const shared = UserWorkspace.of(workspace);
    const user = shared?.user ?? (await this.#users.take());
    const mark = `${MARK_NAME}=${randomBytes(16).toString("hex")}`;
    const folder = shared === undefined ? await this.#folder(user, files) : undefined;
    const path = shared?.path ?? (folder as RunFolder).path;
    let started: StartedProgram | undefined;
    const members = user.isOwn
      ? membersOfUser(user.uid, () => killUser(setpriv, sh, user.uid))
      : membersWithMark(user.uid, mark, () => started?.pid);
    const group = MemoryGroup.create(limits.memoryBytes);
    const cleanUp = async (survivors: number): Promise<void> => {
      if (survivors > 0) return;
      await group?.remove();
      await folder?.remove();
      if (shared === undefined) this.#users.giveBack(user);
    };
    const rlimits = rlimitArguments(limits).filter((limit) => user.isOwn || !limit.startsWith("--nproc"));
    const home = env["HOME"] === "/workspace" ? path : (env["HOME"] ?? path);
    const temporary = env["TMPDIR"] === "/tmp" ? path : (env["TMPDIR"] ?? path);
    const args = [...user.arguments, "--", prlimit, ...rlimits, "--", program, ...argv.slice(1)];
    try {
      started = await startProgram({
        ...inGroup(group, sh, setpriv, args),
        env: { ...env, HOME: home, TMPDIR: temporary, [MARK_NAME]: mark.slice(MARK_NAME.length + 1) },
        cwd: path,
      });
      return new NativeGuest(started, limits, members, group, cleanUp);
    } catch (error) {
      await cleanUp(0);
      throw error;
    }
  }

  async #folder(user: GuestUser, files: ReadonlyMap<string, Uint8Array>): Promise<RunFolder> {
    try {
      return await createRunFolder(user.uid, files);
    } catch (error) {
      this.#users.giveBack(user);
      throw error;
    }
  }
}
