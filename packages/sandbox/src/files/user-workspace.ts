import type { SandboxLimits } from "../policy/limits.ts";
import type { GuestUser, UserPool } from "../process/user-pool.ts";
import { invalid } from "../sandbox-error.ts";
import type { Workspace } from "../tiers/tier.ts";
import { readGuestFile, writeGuestFile } from "./workspace-files.ts";
import { createWorkspaceFolder } from "./workspace-folder.ts";

/** A workspace, and the user that its guests are: files belong to users. */
export class UserWorkspace implements Workspace {
  /** Where it is on the host. */
  readonly path: string;
  readonly user: GuestUser;
  readonly #close: () => Promise<void>;

  private constructor(path: string, user: GuestUser, close: () => Promise<void>) {
    this.path = path;
    this.user = user;
    this.#close = close;
  }

  /** @throws SandboxError `SANDBOX_TIER_UNAVAILABLE`, `SANDBOX_CAPACITY` */
  static async create(users: UserPool, limits: SandboxLimits): Promise<UserWorkspace> {
    const user = await users.take();
    try {
      const folder = await createWorkspaceFolder(user.uid, limits);
      return new UserWorkspace(folder.path, user, async () => {
        await folder.remove();
        users.giveBack(user);
      });
    } catch (error) {
      users.giveBack(user);
      throw error;
    }
  }

  /** @throws SandboxError `SANDBOX_INVALID_ARGUMENT` for a workspace that was made elsewhere. */
  static of(workspace: Workspace | undefined): UserWorkspace | undefined {
    if (workspace === undefined || workspace instanceof UserWorkspace) return workspace;
    return invalid("workspace must be of this tier");
  }

  async readFile(path: string, maxBytes: number): Promise<Uint8Array> {
    return readGuestFile(this.path, path, maxBytes);
  }

  async writeFile(path: string, content: Uint8Array): Promise<void> {
    writeGuestFile(this.path, path, content, this.user.uid);
  }

  async close(): Promise<void> {
    await this.#close();
  }
}

/** A workspace for the files of one run; undefined where there are none. @throws SandboxError as {@link UserWorkspace.create}. */
export async function ownWorkspace(
  users: UserPool,
  files: ReadonlyMap<string, Uint8Array>,
  limits: SandboxLimits,
): Promise<UserWorkspace | undefined> {
  if (files.size === 0) return undefined;
  const own = await UserWorkspace.create(users, limits);
  try {
    for (const [path, content] of files) await own.writeFile(path, content);
    return own;
  } catch (error) {
    await own.close();
    throw error;
  }
}
