import { SandboxError } from "../sandbox-error.ts";
import { FORWARDER_PROGRAMS } from "./forwarder-programs.ts";

/** Where a guest finds its proxy. */
export const PROXY_PORT = 3128;

/**
 * The program that a guest with a network is started by: it carries what comes to {@link PROXY_PORT} inside the sandbox to
 * a socket of the host, and needs nothing of an image.
 *
 * @throws SandboxError `SANDBOX_UNSUPPORTED_POLICY`
 */
export function forwarderProgram(arch: string = process.arch): Uint8Array {
  const text = FORWARDER_PROGRAMS[arch];
  if (text === undefined)
    throw new SandboxError("SANDBOX_UNSUPPORTED_POLICY", `there is no forwarder for ${arch}`);
  return Buffer.from(text.join(""), "base64");
}

/** A command behind the forwarder. */
export function throughForwarder(
  program: string,
  socketPath: string,
  argv: readonly string[],
): readonly [string, ...string[]] {
  return [program, socketPath, String(PROXY_PORT), ...argv];
}
