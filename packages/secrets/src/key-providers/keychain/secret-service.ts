import { SecretError } from "../../errors.ts";
import { busSockets } from "./bus-address.ts";
import type { BusReader } from "./bus-reader.ts";
import type { BusArgument } from "./bus-writer.ts";
import { BusCallError, SessionBus } from "./session-bus.ts";

const SERVICE = "org.freedesktop.secrets";
const NO_COLLECTION = "/";
const SESSION_COLLECTION = "/org/freedesktop/secrets/collection/session";
const HOW_TO_GET_IT =
  "install and start one (gnome-keyring, KWallet or KeePassXC) in a session with D-Bus, or use fileKey or systemdKey";

/**
 * The Secret Service of the session, asked directly: what a keyring library stores where is its own business, this
 * is the independent look.
 * @see https://specifications.freedesktop.org/secret-service-spec/latest/
 */
export class SecretService {
  readonly #bus: SessionBus;
  readonly #id: string;

  /**
   * Connects, and starts the service if the bus knows how.
   * @throws SecretError `SECRET_UNAVAILABLE` when there is none.
   */
  static async connect(id: string, signal: AbortSignal): Promise<SecretService> {
    const bus = await anyBus(id, signal);
    try {
      // Asked first: the bus refuses to start what nobody has told it how to start, even if it runs.
      const runs = await askBus(bus, "NameHasOwner", [SERVICE]);
      if (runs.uint32() === 0) await askBus(bus, "StartServiceByName", [SERVICE, 0]);
      return new SecretService(id, bus);
    } catch (error) {
      bus.close();
      if (!(error instanceof BusCallError)) throw unavailable(id, "the session bus failed", error);
      throw unavailable(id, `there is no Secret Service on the session bus: ${HOW_TO_GET_IT}`, error);
    }
  }

  private constructor(id: string, bus: SessionBus) {
    this.#id = id;
    this.#bus = bus;
  }

  /**
   * The collection that new items go to.
   * @throws SecretError `SECRET_UNAVAILABLE` when there is none, or when it is the one that ends with the session.
   */
  async lastingCollection(): Promise<string> {
    const standard = await this.#ask("ReadAlias", "default", oneText);
    if (standard === NO_COLLECTION)
      throw unavailable(this.#id, "the Secret Service has no default keyring: create one and unlock it");
    const passing = await this.#ask("ReadAlias", "session", oneText);
    if (standard === passing || standard === SESSION_COLLECTION)
      throw unavailable(this.#id, "the default keyring of the Secret Service ends with the session");
    return standard;
  }

  /** Paths of the items with these attributes, in all collections. */
  async items(attributes: Readonly<Record<string, string>>): Promise<readonly string[]> {
    // Two lists: items that are unlocked, and items that are locked.
    return this.#ask("SearchItems", attributes, (found) => [...found.texts(), ...found.texts()]);
  }

  close(): void {
    this.#bus.close();
  }

  async #ask<T>(member: string, argument: BusArgument, read: (answer: BusReader) => T): Promise<T> {
    try {
      const answer = await this.#bus.call({
        destination: SERVICE,
        path: "/org/freedesktop/secrets",
        interface: "org.freedesktop.Secret.Service",
        member,
        body: [argument],
      });
      return read(answer);
    } catch (error) {
      throw unavailable(this.#id, "the Secret Service does not answer", error);
    }
  }
}

function askBus(bus: SessionBus, member: string, body: readonly BusArgument[]): Promise<BusReader> {
  const path = "/org/freedesktop/DBus";
  return bus.call({
    destination: "org.freedesktop.DBus",
    path,
    interface: "org.freedesktop.DBus",
    member,
    body,
  });
}

function oneText(answer: BusReader): string {
  return answer.text();
}

async function anyBus(id: string, signal: AbortSignal): Promise<SessionBus> {
  const sockets = busSockets(process.env);
  let last: unknown;
  for (const path of sockets) {
    try {
      return await SessionBus.connect(path, signal);
    } catch (error) {
      last = error;
    }
  }
  // Node 20 pads the names of abstract sockets, and so asks for another one than the bus listens on.
  const needsNode22 =
    Number.parseInt(process.versions.node, 10) < 22 && sockets.some((path) => path[0] === "\0");
  const fault = `there is no D-Bus session bus at DBUS_SESSION_BUS_ADDRESS or XDG_RUNTIME_DIR${
    needsNode22 ? " (an abstract socket needs Node 22)" : ""
  }, so no Secret Service`;
  throw unavailable(id, `${fault}: ${HOW_TO_GET_IT}`, last);
}

// Not retryable: somebody has to set something up first.
function unavailable(id: string, fault: string, cause?: unknown): SecretError {
  return new SecretError("SECRET_UNAVAILABLE", `key provider ${id}: ${fault}`, { cause, retryable: false });
}
