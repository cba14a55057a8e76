import { corrupt, parsePin, readPinKey, writePin } from "../pin-json.ts";
import { type ManagedPinStore, type Pin, type PinId, pinKey, type StoredPin } from "../pin-store.ts";
import { unavailable } from "../store-unavailable.ts";

/** What is needed of a client: `ioredis` (also its `Cluster`), or `redis` (`createClient`). */
export type RedisClient =
  | { call(command: string, ...args: string[]): Promise<unknown> }
  | { sendCommand(args: string[]): Promise<unknown> };

/** Where pins are in Redis. */
export interface RedisPinStoreOptions {
  /** Name of the hash that holds all pins. Default `"schemapin:pins"`. */
  readonly key?: string;
}

const KEY = /^[A-Za-z0-9:_{}-]{1,64}$/;
const PAGE = "500";

/**
 * Keeps pins in Redis 6 or newer, all in one hash: one command stores many, or none.
 *
 * A Redis that lost its data looks like one that never had any, so that everything is first use again: run it with
 * `appendonly yes`, without eviction, read from the primary, and refuse first use.
 *
 * @throws SchemaPinError from its methods: `SCHEMAPIN_PIN_STORE_CORRUPT`, `SCHEMAPIN_PIN_STORE_UNAVAILABLE`.
 */
export class RedisPinStore implements ManagedPinStore {
  readonly #client: RedisClient;
  readonly #key: string;

  /** @throws RangeError when the key is not plain. */
  constructor(client: RedisClient, { key = "schemapin:pins" }: RedisPinStoreOptions = {}) {
    if (!KEY.test(key)) throw new RangeError("key must be 1 to 64 of A-Z, a-z, 0-9, :, _, -, { and }");
    this.#client = client;
    this.#key = key;
  }

  async get(id: PinId): Promise<Pin | undefined> {
    const [pin] = await this.getAll([id]);
    return pin;
  }

  async getAll(ids: readonly PinId[]): Promise<readonly (Pin | undefined)[]> {
    if (ids.length === 0) return [];
    const answer = await this.#ask("HMGET", this.#key, ...ids.map(pinKey));
    if (!Array.isArray(answer) || answer.length !== ids.length) throw corrupt("the answer is not a list");
    return (answer as readonly unknown[]).map((pin) => (pin === null ? undefined : parsePin(pin)));
  }

  async put(pins: readonly StoredPin[]): Promise<void> {
    if (pins.length === 0) return;
    await this.#ask("HSET", this.#key, ...pins.flatMap(({ id, pin }) => [pinKey(id), writePin(pin)]));
  }

  async list(): Promise<readonly StoredPin[]> {
    // A scan may name a pin twice.
    const found = new Map<string, Pin>();
    let cursor = "0";
    do {
      const answer = await this.#ask("HSCAN", this.#key, cursor, "COUNT", PAGE);
      const [next, members] = Array.isArray(answer) ? (answer as readonly unknown[]) : [];
      if (!Array.isArray(members)) throw corrupt("the answer is not a list");
      for (let index = 0; index < members.length; index += 2) {
        found.set(String(members[index]), parsePin(members[index + 1]));
      }
      cursor = String(next);
    } while (cursor !== "0");
    return [...found].map(([key, pin]) => ({ id: readPinKey(key), pin }));
  }

  async remove(ids: readonly PinId[]): Promise<void> {
    if (ids.length > 0) await this.#ask("HDEL", this.#key, ...ids.map(pinKey));
  }

  async #ask(name: string, ...args: string[]): Promise<unknown> {
    const client = this.#client;
    try {
      // ioredis has a sendCommand too, of another shape.
      return await ("call" in client ? client.call(name, ...args) : client.sendCommand([name, ...args]));
    } catch (cause) {
      throw unavailable("Redis could not be asked", cause);
    }
  }
}
