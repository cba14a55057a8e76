import type { GuestCommand } from "../tier.ts";
import { encodeFrame, encodeNumbers, MAX_PAYLOAD, TO_GUEST } from "./agent-frames.ts";

/**
 * A command as the agent takes it. Its files are sent before.
 * @param forwarder what leads to its proxy, and what the command stands behind then. Default there is no proxy.
 */
export function commandFrames(
  { argv, env, limits }: GuestCommand,
  filter: Uint8Array,
  forwarder?: Uint8Array,
): readonly Uint8Array[] {
  const { cpuSeconds, memoryBytes, processes, openFiles, fileBytes, stackBytes, tmpBytes } = limits;
  const numbers = [cpuSeconds, memoryBytes, processes, openFiles, fileBytes, stackBytes, tmpBytes];
  return [
    ...(forwarder === undefined ? [] : [encodeFrame(TO_GUEST.network, forwarder)]),
    ...argv.flatMap((argument) => text(TO_GUEST.argument, argument)),
    ...Object.entries(env).flatMap(([name, value]) => text(TO_GUEST.variable, `${name}=${value}`)),
    encodeFrame(TO_GUEST.filter, filter),
    encodeFrame(TO_GUEST.start, encodeNumbers(...numbers)),
  ];
}

/** Parts, and the last one, which may be empty. */
function text(lastType: number, value: string): Uint8Array[] {
  const frames: Uint8Array[] = [];
  let rest: Uint8Array = Buffer.from(value);
  for (; rest.length > MAX_PAYLOAD; rest = rest.subarray(MAX_PAYLOAD))
    frames.push(encodeFrame(TO_GUEST.textPart, rest.subarray(0, MAX_PAYLOAD)));
  return [...frames, encodeFrame(lastType, rest)];
}
