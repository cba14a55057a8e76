import { type EngineClient, field } from "../docker/engine-client.ts";

/** The argument by which `runsc` lets a guest connect to sockets that it was given, and create none. */
const OPEN_SOCKETS = "--host-uds=open";

/**
 * What is in the way of guests that reach a socket of the host. An engine runs `runsc` with the arguments that its
 * configuration names, for all containers of that runtime alike, so that such guests need a runtime of their own.
 *
 * @throws SandboxError as {@link EngineClient.call}
 */
export async function socketRuntimeProblem(engine: EngineClient, name: string): Promise<string | undefined> {
  const { body } = await engine.call({ method: "GET", path: "/info" });
  const runtimes = field(body, "Runtimes");
  const runtime =
    typeof runtimes === "object" && runtimes !== null && Object.hasOwn(runtimes, name)
      ? field(runtimes, name)
      : undefined;
  if (runtime === undefined) return `the engine has no runtime ${name}`;
  const args = field(runtime, "runtimeArgs");
  // One that is configured elsewhere cannot be looked at: without the argument, its guests reach nothing.
  if (field(runtime, "path") === undefined) return undefined;
  return Array.isArray(args) && args.includes(OPEN_SOCKETS)
    ? undefined
    : `the engine runs ${name} without ${OPEN_SOCKETS}`;
}
