import { posix } from "node:path";
import { SandboxError } from "../../sandbox-error.ts";
import type { GuestCommand } from "../tier.ts";
import { type EngineClient, field } from "./engine-client.ts";

const MAX_KNOWN = 1_000;

/** An image by its id, and which programs it holds: an image never changes. */
export class ImagePrograms {
  readonly id: string;
  readonly #engine: EngineClient;
  readonly #known = new Set<string>();

  private constructor(engine: EngineClient, id: string) {
    this.#engine = engine;
    this.id = id;
  }

  /** @throws SandboxError `SANDBOX_IMAGE_MISSING`: it is never fetched. */
  static async of(engine: EngineClient, name: string): Promise<ImagePrograms> {
    const { body } = await engine.call({ method: "GET", path: `/images/${encodeURIComponent(name)}/json` });
    const id = field(body, "Id");
    if (typeof id !== "string") throw new SandboxError("SANDBOX_ENGINE_FAILED", "the engine gave no image");
    return new ImagePrograms(engine, id);
  }

  /**
   * Finds out in a container in which no guest has begun whether it will find its program: afterwards that could not be
   * told from a program that fails.
   *
   * @param hasFiles whether the program may be one of the workspace's.
   * @throws SandboxError `SANDBOX_SPAWN_FAILED`
   */
  async check(containerId: string, { argv: [program], env }: GuestCommand, hasFiles: boolean): Promise<void> {
    const paths = programPaths(program, env["PATH"] ?? "");
    const key = paths.join(":");
    if (this.#known.has(key)) return;
    for (const path of paths) {
      if (path.startsWith("/workspace/")) {
        if (hasFiles) return;
        continue;
      }
      const query = `/containers/${containerId}/archive?path=${encodeURIComponent(path)}`;
      const { status } = await this.#engine.call({ method: "HEAD", path: query, expected: [200, 404] });
      if (status !== 200) continue;
      if (this.#known.size < MAX_KNOWN) this.#known.add(key);
      return;
    }
    throw new SandboxError("SANDBOX_SPAWN_FAILED", "program does not exist in the image");
  }
}

/** Where a program may be in an image. */
export function programPaths(program: string, searchPath: string): readonly string[] {
  return program.includes("/")
    ? [posix.resolve("/workspace", program)]
    : searchPath.split(":").map((folder) => posix.join(folder, program));
}
