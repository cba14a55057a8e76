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
      await bus.call({
        destination: "org.freedesktop.DBus",
        path: "/org/freedesktop/DBus",
        interface: "org.freedesktop.DBus",
        member: "StartServiceByName",
        body: [SERVICE, 0],
      });
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

function oneText(answer: BusReader): string {
  return answer.text();
}

async function anyBus(id: string, signal: AbortSignal): Promise<SessionBus> {
  let last: unknown;
  for (const path of busSockets(process.env)) {
    try {
      return await SessionBus.connect(path, signal);
    } catch (error) {
      last = error;
    }
  }
  const fault = "there is no D-Bus session bus at DBUS_SESSION_BUS_ADDRESS or XDG_RUNTIME_DIR";
  throw unavailable(id, `${fault}, so no Secret Service: ${HOW_TO_GET_IT}`, last);
}

// Not retryable: somebody has to set something up first.
function unavailable(id: string, fault: string, cause?: unknown): SecretError {
  return new SecretError("SECRET_UNAVAILABLE", `key provider ${id}: ${fault}`, { cause, retryable: false });
}
