import { chmodSync, chownSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createSocketFolder, hostFolderFailed } from "../files/host-folders.ts";
import { removeWorkspaceFolders } from "../files/workspace-folder.ts";
import { onDemand } from "../on-demand.ts";
import { SandboxError } from "../sandbox-error.ts";
import type { GuestCommand } from "../tiers/tier.ts";
import type { EgressProxy } from "./egress-proxy.ts";
import { forwarderProgram, PROXY_PORT, throughForwarder } from "./forwarder.ts";
import type { ResolvedNetwork } from "./network-policy.ts";

/** Where guests have the folder of {@link GuestNetwork}, to read, where any place can be made. */
export const NETWORK_FOLDER = "/run/sandbox";
/** Runs without a network do not need it. */
const proxies = onDemand(async () => import("./egress-proxy.ts"));
const SOCKET = "proxy";
const FORWARDER = "forward";
/** What a socket's path may have, its end included. */
const MAX_PATH = 108;

/** The way of one run's guest to the network: a socket in a folder that the guest is given, and a proxy behind it. */
export class GuestNetwork {
  /** On this host. It holds the socket, and the forwarder. */
  readonly folder: string;
  /** Variables by which programs find the proxy. */
  readonly env: Readonly<Record<string, string>>;
  readonly #place: string;
  readonly #proxy: EgressProxy;

  private constructor(folder: string, place: string, proxy: EgressProxy) {
    this.folder = folder;
    this.#place = place;
    this.#proxy = proxy;
    this.env = Object.freeze(proxyVariables(proxy.credentials));
  }

  /**
   * @param uid the only user, beside this process's, who may connect.
   * @param place where guests have the folder.
   * @throws SandboxError `SANDBOX_UNSUPPORTED_POLICY`, `SANDBOX_TIER_UNAVAILABLE`
   */
  static async open(
    policy: ResolvedNetwork,
    uid: number,
    place: string = NETWORK_FOLDER,
  ): Promise<GuestNetwork> {
    const program = forwarderProgram();
    const { EgressProxy } = await proxies();
    await removeWorkspaceFolders();
    const folder = createSocketFolder();
    const proxy = new EgressProxy(policy);
    try {
      const socket = join(folder, SOCKET);
      if (Buffer.byteLength(socket) >= MAX_PATH)
        throw new SandboxError(
          "SANDBOX_TIER_UNAVAILABLE",
          "path of the folder for temporary files is too long",
        );
      writeFileSync(join(folder, FORWARDER), program, { mode: 0o555 });
      chmodSync(join(folder, FORWARDER), 0o555);
      await proxy.listen(socket);
      chmodSync(socket, 0o600);
      if (process.getuid?.() === 0) chownSync(socket, uid, uid);
      // Nobody could pass before the socket was the guest's alone.
      chmodSync(folder, 0o711);
      return new GuestNetwork(folder, place, proxy);
    } catch (cause) {
      await proxy.close();
      await rm(folder, { recursive: true, force: true });
      throw hostFolderFailed(cause);
    }
  }

  /** Where the proxy listens, on this host. */
  get socketPath(): string {
    return join(this.folder, SOCKET);
  }

  /** A command behind the forwarder. @param program where the guest has it; default in the folder. */
  command(
    argv: readonly string[],
    program: string = `${this.#place}/${FORWARDER}`,
  ): readonly [string, ...string[]] {
    return throughForwarder(program, `${this.#place}/${SOCKET}`, argv);
  }

  /** The same for a whole command, which gets the variables too. */
  around(command: GuestCommand): GuestCommand {
    return { ...command, argv: this.command(command.argv), env: { ...command.env, ...this.env } };
  }

  /** Ends every connection, and removes the folder. */
  async close(): Promise<void> {
    await this.#proxy.close();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

function proxyVariables(credentials: string): Record<string, string> {
  const url = `http://${credentials}@127.0.0.1:${PROXY_PORT}`;
  const variables: Record<string, string> = {
    // Node asks for these only when it is told to.
    NODE_USE_ENV_PROXY: "1",
  };
  for (const name of ["HTTP_PROXY", "HTTPS_PROXY"]) {
    variables[name] = url;
    variables[name.toLowerCase()] = url;
  }
  for (const name of ["NO_PROXY", "no_proxy"]) variables[name] = "localhost,127.0.0.1";
  return variables;
}
