import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import type { Socket } from "node:net";
import { constantTimeEqual, encodeUtf8 } from "@symbiont/kit";
import { RunQueue } from "../run/run-queue.ts";
import { ByteBudget } from "./byte-budget.ts";
import { checkedAddresses, dialTarget } from "./dial-target.ts";
import { EgressDenied } from "./egress-denied.ts";
import { type EgressDecision, EgressRecord } from "./egress-record.ts";
import type { ResolvedNetwork } from "./network-policy.ts";
import type { NetworkTarget } from "./network-target.ts";

const USER = "sandbox";

/** Decides what a sandbox may reach, and connects to it. */
export class EgressGate {
  /** What the proxy is asked with, as a URL has it before the `@`. */
  readonly credentials: string;
  readonly budget: ByteBudget;
  readonly #network: ResolvedNetwork;
  readonly #record: EgressRecord;
  readonly #expected: Uint8Array;
  readonly #closed = new AbortController();
  readonly #sockets = new Set<Socket>();
  /** One connection of the guest's may carry any number of requests at once. */
  readonly #places: RunQueue;
  #requests = 0;

  constructor(network: ResolvedNetwork) {
    this.#network = network;
    this.#record = new EgressRecord(network.audit, network.actor);
    this.credentials = `${USER}:${randomBytes(32).toString("hex")}`;
    this.#expected = digest(this.credentials);
    this.budget = new ByteBudget(network.maxBytes);
    this.#places = new RunQueue(network.maxConnections, network.maxRequests);
  }

  /**
   * Connects to a target, once it has been found to be allowed and that has been recorded.
   * @throws EgressDenied after that has been recorded too.
   */
  async open(
    kind: EgressDecision["kind"],
    authorization: string | undefined,
    target: NetworkTarget | undefined,
  ): Promise<Socket> {
    const { maxRequests, connectTimeoutMs } = this.#network;
    this.#requests += 1;
    try {
      if (!this.#isKnown(authorization)) throw new EgressDenied("SANDBOX_TOKEN_WRONG");
      if (target === undefined) throw new EgressDenied("SANDBOX_REQUEST_MALFORMED");
      if (this.#requests > maxRequests || this.budget.isUsedUp)
        throw new EgressDenied("SANDBOX_NETWORK_USED_UP");
      if (!this.#network.hosts.holds(target)) throw new EgressDenied("SANDBOX_HOST_NOT_ALLOWED");
      const signal = AbortSignal.any([this.#closed.signal, AbortSignal.timeout(connectTimeoutMs)]);
      return await this.#inPlace(signal, async () => {
        const { addresses, isDangerous } = await checkedAddresses(target, this.#network, signal);
        await this.#record.allowed({ kind, target, isDangerous });
        return this.#keep(await dialTarget(addresses, target.port, connectTimeoutMs, this.#closed.signal));
      });
    } catch (error) {
      throw await this.refuse(kind, target, error);
    }
  }

  /** Takes note that something was refused. Of more than may be asked for, one is enough. */
  async refuse(
    kind: EgressDecision["kind"],
    target: NetworkTarget | undefined,
    error: unknown,
  ): Promise<EgressDenied> {
    const denied = error instanceof EgressDenied ? error : new EgressDenied("SANDBOX_HOST_UNREACHABLE");
    if (this.#requests <= this.#network.maxRequests + 1)
      await this.#record.denied({ kind, target, denial: denied.code });
    return denied;
  }

  /** Ends everything that is open. */
  close(): void {
    this.#closed.abort();
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Connects when there is a place for one more connection, which it has until it is closed. */
  async #inPlace(signal: AbortSignal, connect: () => Promise<Socket>): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const hold = async (): Promise<void> => {
        const socket = await connect();
        resolve(socket);
        if (!socket.destroyed) await once(socket, "close");
      };
      this.#places.run(hold, signal).catch(reject);
    });
  }

  #keep(socket: Socket): Socket {
    if (this.#closed.signal.aborted) socket.destroy();
    this.#sockets.add(socket);
    socket.setTimeout(this.#network.idleMs, () => socket.destroy());
    socket.once("close", () => this.#sockets.delete(socket));
    return socket;
  }

  #isKnown(authorization: string | undefined): boolean {
    const given = /^Basic ([A-Za-z0-9+/]{1,200}={0,2})$/i.exec(authorization ?? "")?.[1] ?? "";
    return constantTimeEqual(digest(Buffer.from(given, "base64").toString("latin1")), this.#expected);
  }
}

/** Of one length, whatever is given. */
function digest(text: string): Uint8Array {
  return createHash("sha256").update(encodeUtf8(text)).digest();
}
