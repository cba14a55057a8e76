import { SandboxError } from "../../sandbox-error.ts";
import type { GuestCommand } from "../tier.ts";
import { AttachedStreams } from "./attached-streams.ts";
import type { ContainerEvents } from "./container-events.ts";
import type { AddedProcess, Container } from "./docker-guest.ts";
import { type EngineClient, field } from "./engine-client.ts";
import type { WarmContainer } from "./warm-container.ts";

/**
 * Starts a guest in a container that has been waiting for it. The container is its alone: a process that was added
 * cannot be ended by itself.
 *
 * @throws SandboxError as {@link EngineClient.call}
 */
export async function addProcess(
  engine: EngineClient,
  events: ContainerEvents,
  { container: { id, waiting }, workspace }: WarmContainer,
  { argv, env }: GuestCommand,
): Promise<Container> {
  let ended: ((exitCode: number) => void) | undefined;
  const added: AddedProcess = {
    exitCode: new Promise((resolve) => {
      ended = resolve;
    }),
    outOfMemory: () => undefined,
  };
  const { uid } = workspace.user;
  const body = {
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
    Cmd: argv,
    Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    WorkingDir: "/workspace",
    User: `${uid}:${uid}`,
  };
  const [{ body: created }] = await Promise.all([
    engine.call({ method: "POST", path: `/containers/${id}/exec`, body }),
    events.watch(id, { outOfMemory: () => added.outOfMemory(), execEnded: (code) => ended?.(code) }),
  ]);
  const exec = field(created, "Id");
  if (typeof exec !== "string" || !/^[0-9a-f]{64}$/.test(exec))
    throw new SandboxError("SANDBOX_ENGINE_FAILED", "the engine gave no process");
  const call = { method: "POST", path: `/exec/${exec}/start`, body: { Detach: false, Tty: false } } as const;
  const { socket, head } = await engine.upgrade(call);
  return { id, waiting, streams: new AttachedStreams(socket, head), added };
}
