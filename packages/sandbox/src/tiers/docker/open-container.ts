import { isDeepStrictEqual } from "node:util";
import type { JsonValue } from "@symbiont/kit";
import { SandboxError } from "../../sandbox-error.ts";
import type { GuestCommand } from "../tier.ts";
import { AttachedStreams } from "./attached-streams.ts";
import { removeContainer } from "./container-lease.ts";
import { type ContainerPlan, containerBody } from "./container-plan.ts";
import type { Container } from "./docker-guest.ts";
import { type EngineClient, field } from "./engine-client.ts";

/**
 * Creates a container, makes sure that it is what was asked for, and starts it with its streams attached. When that
 * fails, nothing of it is left.
 *
 * @throws SandboxError `SANDBOX_UNSUPPORTED_POLICY` when the engine would run it with less than was asked for,
 * `SANDBOX_SPAWN_FAILED`, and as {@link EngineClient.call}.
 */
export async function openContainer(
  engine: EngineClient,
  command: GuestCommand,
  plan: ContainerPlan,
): Promise<Container> {
  const body = containerBody(command, plan);
  const { body: created } = await engine.call({ method: "POST", path: "/containers/create", body });
  const id = field(created, "Id");
  if (typeof id !== "string" || !/^[0-9a-f]{64}$/.test(id))
    throw new SandboxError("SANDBOX_ENGINE_FAILED", "the engine gave no container");
  const opened: { streams?: AttachedStreams; cancel?: () => void } = {};
  try {
    const warnings = field(created, "Warnings");
    if (Array.isArray(warnings) && warnings.length > 0) throw weakened("it warns of the limits asked for");
    const [waiting] = await Promise.all([
      engine.begin({ method: "POST", path: `/containers/${id}/wait?condition=next-exit`, timeoutMs: 0 }),
      attach(engine, id, opened),
      assertAsAsked(engine, id, body.HostConfig),
      plan.check(id),
    ]);
    opened.cancel = () => waiting.cancel();
    await start(engine, id);
    return { id, waiting, streams: opened.streams as AttachedStreams };
  } catch (error) {
    opened.streams?.destroy();
    opened.cancel?.();
    await removeContainer(engine, id).catch(() => undefined);
    throw error;
  }
}

async function attach(
  engine: EngineClient,
  id: string,
  opened: { streams?: AttachedStreams },
): Promise<void> {
  const path = `/containers/${id}/attach?stream=1&stdin=1&stdout=1&stderr=1`;
  const { socket, head } = await engine.upgrade({ method: "POST", path });
  opened.streams = new AttachedStreams(socket, head);
}

async function start(engine: EngineClient, id: string): Promise<void> {
  const { status } = await engine.call({
    method: "POST",
    path: `/containers/${id}/start`,
    expected: [204, 400],
  });
  if (status === 400)
    throw new SandboxError("SANDBOX_SPAWN_FAILED", "the engine could not start the container's program");
}

/** An engine drops what it does not support, and only sometimes says so. */
async function assertAsAsked(
  engine: EngineClient,
  id: string,
  asked: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { body } = await engine.call({ method: "GET", path: `/containers/${id}/json` });
  const given = field(body, "HostConfig");
  for (const [name, value] of Object.entries(asked))
    if (!isDeepStrictEqual(plain(field(given, name)), value)) throw weakened(`it changed ${name}`);
  const config = field(body, "Config");
  const volumes = field(config, "Volumes");
  const hasVolumes = typeof volumes === "object" && volumes !== null && Object.keys(volumes).length > 0;
  if (hasVolumes) throw weakened("the image declares volumes, whose size nothing bounds");
}

/** As it would be after a round through JSON here. */
function plain(value: JsonValue | undefined): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

function weakened(why: string): SandboxError {
  return new SandboxError("SANDBOX_UNSUPPORTED_POLICY", `the engine would not hold to the container: ${why}`);
}
