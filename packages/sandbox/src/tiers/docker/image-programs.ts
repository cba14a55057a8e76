import { posix } from "node:path";
import { SandboxError } from "../../sandbox-error.ts";
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

  isKnown(program: string): boolean {
    return this.#known.has(program);
  }

  /**
   * Finds out in a container that has not begun whether the guest will find its program: afterwards that could not be
   * told from a program that fails.
   *
   * @throws SandboxError `SANDBOX_SPAWN_FAILED`
   */
  async check(containerId: string, program: string, candidates: readonly string[]): Promise<void> {
    for (const path of candidates) {
      const query = `/containers/${containerId}/archive?path=${encodeURIComponent(path)}`;
      const { status } = await this.#engine.call({ method: "HEAD", path: query, expected: [200, 404] });
      if (status !== 200) continue;
      if (this.#known.size < MAX_KNOWN) this.#known.add(program);
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
