/** Which server a tool's name belongs to, over all servers: a model that is shown two of one name may take the wrong one. */
export class ToolNames {
  readonly #byServer = new Map<string, ReadonlySet<string>>();

  /** Names of the tools of all other servers. */
  ofOthers(server: string): ReadonlySet<string> {
    const others = new Set<string>();
    for (const [owner, names] of this.#byServer) {
      if (owner !== server) for (const name of names) others.add(name);
    }
    return others;
  }

  /** Notes which names a server has from now on. */
  claim(server: string, names: Iterable<string>): void {
    this.#byServer.set(server, new Set(names));
  }
}
