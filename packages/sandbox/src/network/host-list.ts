import { excerpt } from "@symbiont/kit";
import { invalid } from "../sandbox-error.ts";
import { type NetworkTarget, parseAuthority, parseHost } from "./network-target.ts";

const MAX_ENTRIES = 256;
const DEFAULT_PORTS = [443, 80];
const HAS_PORT = /(?:^[^:]*|\]):[0-9]+$/;

/** The hosts and ports that may be reached. */
export class HostList {
  /** As {@link key} writes them. */
  readonly #exact = new Set<string>();
  /** Those below which every name may be reached. */
  readonly #above = new Set<string>();

  /** @throws SandboxError `SANDBOX_INVALID_ARGUMENT` naming the entry. */
  constructor(entries: readonly string[]) {
    if (!Array.isArray(entries) || entries.length > MAX_ENTRIES)
      invalid(`network.allow must be a list of at most ${MAX_ENTRIES} hosts`);
    for (const entry of entries as readonly unknown[]) {
      if (typeof entry !== "string") invalid("network.allow must hold texts");
      this.#add(entry);
    }
  }

  holds({ host, port, address }: NetworkTarget): boolean {
    if (this.#exact.has(key(host, port))) return true;
    if (address !== undefined) return false;
    for (let dot = host.indexOf("."); dot > 0; dot = host.indexOf(".", dot + 1))
      if (this.#above.has(key(host.slice(dot + 1), port))) return true;
    return false;
  }

  #add(entry: string): void {
    const isAbove = entry.startsWith("*.");
    const rest = isAbove ? entry.slice(2) : entry;
    const targets = HAS_PORT.test(rest) ? [parseAuthority(rest)] : both(rest);
    for (const target of targets) {
      const isName = target !== undefined && target.address === undefined;
      // Everything below a top-level name is nearly everything.
      if (target === undefined || (isAbove && !(isName && target.host.includes("."))))
        invalid(`network.allow holds ${excerpt(entry)}, which is no host that can be listed`);
      (isAbove ? this.#above : this.#exact).add(key(target.host, target.port));
    }
  }
}

function both(text: string): readonly (NetworkTarget | undefined)[] {
  const host = parseHost(text);
  return host === undefined || text.includes("/")
    ? [undefined]
    : DEFAULT_PORTS.map((port) => ({ ...host, port }));
}

function key(host: string, port: number): string {
  return `${host} ${port}`;
}
