import { decodeUtf8, type SecretHandle } from "@symbiont/kit";
import { isGone, thisHost } from "../../process/lease-owner.ts";
import { SandboxError } from "../../sandbox-error.ts";
import type { E2bEndpoint } from "./e2b-endpoint.ts";
import { serviceError, serviceRefusal } from "./service-error.ts";

/** What the control plane is asked with. */
export interface E2bServiceOptions {
  readonly apiKey: SecretHandle;
  readonly template: string;
  readonly endpoint: E2bEndpoint;
  readonly requestTimeoutMs: number;
}

/** A machine of the service, and what its daemon wants to see. */
export interface PlacedMachine {
  readonly id: string;
  readonly token: string | undefined;
}

type Api = InstanceType<typeof import("e2b")["ApiClient"]>["api"];

/** What a call of the package's client gives. */
interface Answer<T> {
  readonly data?: T;
  readonly response: Response;
}

const LABEL = "symbiont.sandbox";
const OWNER = `${LABEL}.owner`;
const LEASE = `${LABEL}.lease`;
const ID = /^[A-Za-z0-9_-]{1,128}$/;
const SECRET = /^[\x21-\x7e]{1,512}$/;
const VERSION = /^(\d{1,4})\.(\d{1,4})\.(\d{1,4})/;
/** Since then a daemon can end the input of a command. */
const LEAST_VERSION = [0, 5, 2] as const;
const MAX_PAGES = 10;

/**
 * The control plane, by the client of the `e2b` package: makes machines and ends them. The key is asked for at each call,
 * and given to nothing but that client; nothing is taken from the environment, and no redirect is followed.
 */
export class E2bService {
  readonly #options: E2bServiceOptions;

  constructor(options: E2bServiceOptions) {
    this.#options = options;
  }

  /**
   * Makes a machine without network, which the service ends by itself when its time is over.
   *
   * @param lease by which it can be found when the answer is lost.
   * @throws SandboxError `SANDBOX_TIER_UNAVAILABLE`, `SANDBOX_IMAGE_MISSING`, `SANDBOX_CAPACITY`,
   * `SANDBOX_ENGINE_TIMED_OUT`, `SANDBOX_ENGINE_FAILED`
   */
  async create(lease: string, lifeMs: number): Promise<PlacedMachine> {
    const body = {
      templateID: this.#options.template,
      timeout: Math.ceil(lifeMs / 1000),
      metadata: { [LABEL]: "1", [OWNER]: thisHost(), [LEASE]: lease },
      allow_internet_access: false,
      network: { allowPublicTraffic: false },
      // One that is put to sleep when its time is over would be there for ever.
      autoPause: false,
    };
    const { data } = await this.#call(
      (api, signal) => api.POST("/v2/sandboxes", { body, signal }),
      "template",
    );
    const {
      sandboxID: id,
      envdAccessToken: token,
      envdVersion,
    } = (data ?? {}) as Readonly<Record<string, unknown>>;
    const isToken = token === undefined || (typeof token === "string" && SECRET.test(token));
    if (typeof id !== "string" || !ID.test(id) || !isToken) throw senseless();
    if (isNewEnough(envdVersion)) return { id, token };
    await this.kill(id);
    throw new SandboxError("SANDBOX_TIER_UNAVAILABLE", "the template's daemon is too old: build it anew");
  }

  /** Ends a machine, and with it all that runs there. One that is gone is fine. @throws SandboxError as {@link create}. */
  async kill(id: string): Promise<void> {
    const params = { path: { sandboxID: id } };
    await this.#call((api, signal) => api.DELETE("/sandboxes/{sandboxID}", { params, signal }), "nothing");
  }

  /**
   * How long a machine lasts from now on.
   * @throws SandboxError as {@link create}, and `SANDBOX_MACHINE_FAILED` when it is gone.
   */
  async extend(id: string, lifeMs: number): Promise<void> {
    const params = { path: { sandboxID: id } };
    const body = { timeout: Math.ceil(lifeMs / 1000) };
    await this.#call(
      (api, signal) => api.POST("/sandboxes/{sandboxID}/timeout", { params, body, signal }),
      "machine",
    );
  }

  /** Ends the machine of a lease, when there is one. @throws SandboxError as {@link create}. */
  async killLeased(lease: string): Promise<void> {
    await this.#killLabelled({ [LEASE]: lease }, () => true);
  }

  /** Ends the machines of processes of this host that are gone. Nothing without the label is touched. */
  async reap(): Promise<void> {
    await this.#killLabelled({}, isGone);
  }

  async #killLabelled(
    more: Readonly<Record<string, string>>,
    isWanted: (owner: string) => boolean,
  ): Promise<void> {
    const labels = { [LABEL]: "1", ...more };
    const encoded = Object.entries(labels).map(([name, value]) => [
      encodeURIComponent(name),
      encodeURIComponent(value),
    ]);
    const metadata = new URLSearchParams(Object.fromEntries(encoded) as Record<string, string>).toString();
    const ids: string[] = [];
    let nextToken: string | undefined;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const query = { metadata, limit: 100, ...(nextToken === undefined ? {} : { nextToken }) };
      const params = { query };
      const { data, response } = await this.#call(
        (api, signal) => api.GET("/v2/sandboxes", { params, signal }),
        "machine",
      );
      for (const machine of Array.isArray(data) ? data : []) {
        const its: Readonly<Record<string, string>> = machine.metadata ?? {};
        // What was asked for is looked at again: a service that does not filter must not cost others their machines.
        const isOurs = Object.entries(labels).every(([name, value]) => its[name] === value);
        if (isOurs && ID.test(machine.sandboxID) && isWanted(its[OWNER] ?? "")) ids.push(machine.sandboxID);
      }
      nextToken = response.headers.get("x-next-token") ?? undefined;
      if (nextToken === undefined || nextToken === "") break;
    }
    for (const id of ids) await this.kill(id);
  }

  /** @param missing what a 404 says is missing; nothing, when that is fine. */
  async #call<T>(
    ask: (api: Api, signal: AbortSignal) => Promise<Answer<T>>,
    missing: "template" | "machine" | "nothing",
  ): Promise<Answer<T>> {
    const { ApiClient, ConnectionConfig } = await loadClient();
    const { apiKey: secret, endpoint, requestTimeoutMs } = this.#options;
    const outcome = await secret
      .use(async (bytes): Promise<Answer<T> | SandboxError> => {
        const apiKey = keyText(bytes);
        if (apiKey === undefined)
          return new SandboxError("SANDBOX_INVALID_ARGUMENT", "apiKey holds what is no key");
        // Everything is said, so that nothing is taken from the environment.
        const config = new ConnectionConfig({
          ...endpoint,
          apiKey,
          requestTimeoutMs,
          retries: 0,
          debug: false,
        });
        const { api } = new ApiClient(config);
        // The key would go along to wherever a redirect leads.
        api.use({ onRequest: ({ request }) => new Request(request, { redirect: "error" }) });
        try {
          const answer = await ask(api, AbortSignal.timeout(requestTimeoutMs));
          return answer.response.ok ? answer : (serviceRefusal(answer, apiKey, missing) ?? answer);
        } catch (thrown) {
          return serviceError(thrown);
        }
      })
      .catch((cause: unknown) => {
        throw new SandboxError("SANDBOX_TIER_UNAVAILABLE", "the key of the service cannot be had", { cause });
      });
    if (SandboxError.is(outcome)) throw outcome;
    return outcome;
  }
}

/** Undefined for what cannot be a header: the error about it would show it. */
function keyText(bytes: Uint8Array): string | undefined {
  try {
    const text = decodeUtf8(bytes);
    return SECRET.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

function isNewEnough(version: unknown): boolean {
  const parts = VERSION.exec(typeof version === "string" ? version : "")
    ?.slice(1)
    .map(Number);
  if (parts === undefined) throw senseless();
  const different = LEAST_VERSION.findIndex((least, index) => parts[index] !== least);
  return different < 0 || Number(parts[different]) > Number(LEAST_VERSION[different]);
}

function senseless(): SandboxError {
  return new SandboxError("SANDBOX_ENGINE_FAILED", "the service's answer makes no sense", {
    retryable: true,
  });
}

/** @throws SandboxError `SANDBOX_TIER_UNAVAILABLE` */
async function loadClient(): Promise<Pick<typeof import("e2b"), "ApiClient" | "ConnectionConfig">> {
  try {
    return await import("e2b");
  } catch (cause) {
    throw new SandboxError("SANDBOX_TIER_UNAVAILABLE", "the package e2b is not installed", { cause });
  }
}
