import { randomUUID } from "node:crypto";
import type { SandboxLimits } from "../../policy/limits.ts";
import type { GuestProcess } from "../../run/guest-process.ts";
import { probeTier } from "../probe-tier.ts";
import type { GuestCommand, TierReport, Workspace } from "../tier.ts";
import type { WarmTierRunner } from "../tier-on-demand.ts";
import { E2bMachine } from "./e2b-machine.ts";
import { E2bService, type PlacedMachine } from "./e2b-service.ts";
import type { E2bTierOptions } from "./e2b-tier.ts";

/** How much longer than its run a machine may be there. */
const GRACE_MS = 60_000;
const REAP_EVERY_MS = 60_000;
const KILLS = 2;

/** Runs commands in machines of the service. */
export class E2bRunner implements WarmTierRunner {
  readonly name = "e2b";
  readonly #service: E2bService;
  readonly #sandboxUrl: string;
  readonly #user: string;
  readonly #timeoutMs: number;
  readonly #sessionLifeMs: number;
  /** Machines that could not be ended. */
  readonly #unfinished = new Set<string>();
  readonly #ending = new Set<Promise<unknown>>();
  #reapedAt = Number.NEGATIVE_INFINITY;

  constructor(plan: Required<E2bTierOptions>) {
    const { apiKey, template, user, endpoint, requestTimeoutMs, sessionLifeMs } = plan;
    this.#service = new E2bService({ apiKey, template, endpoint, requestTimeoutMs });
    this.#sandboxUrl = endpoint.sandboxUrl;
    this.#user = user;
    this.#timeoutMs = requestTimeoutMs;
    this.#sessionLifeMs = sessionLifeMs;
  }

  /** Makes a machine at the service, which costs what it costs there. */
  async probe(): Promise<TierReport> {
    const report = await probeTier(this, [], []);
    return { ...report, advice: report.available ? [] : ADVICE };
  }

  async createWorkspace(_limits: SandboxLimits): Promise<Workspace> {
    return this.#open(this.#sessionLifeMs, undefined);
  }

  async start(command: GuestCommand, workspace?: Workspace): Promise<GuestProcess> {
    const { signal, limits, files } = command;
    const shared = E2bMachine.of(workspace);
    const machine = shared ?? (await this.#open(limits.wallMs + GRACE_MS, signal));
    const survivors = async (): Promise<number> => ((await machine.kill()) ? 0 : 1);
    const end = { kill: async () => machine.kill(), settle: survivors };
    try {
      for (const [path, content] of files) await machine.writeFresh(path, content, signal);
      return await machine.start(command, shared === undefined ? end : undefined);
    } catch (error) {
      // A command that was broken off may go on there; one that does not exist cannot.
      const isHarmless = (error as { readonly code?: unknown }).code === "SANDBOX_SPAWN_FAILED";
      if (shared === undefined || !isHarmless) await machine.kill();
      signal?.throwIfAborted();
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#ending);
    await this.#finish();
  }

  async #open(lifeMs: number, signal: AbortSignal | undefined): Promise<E2bMachine> {
    await this.#reapNowAndThen();
    signal?.throwIfAborted();
    const machine = await this.#create(lifeMs, signal);
    try {
      await machine.prepare(signal);
      return machine;
    } catch (error) {
      await machine.kill();
      signal?.throwIfAborted();
      throw error;
    }
  }

  /** Creation goes on when nobody waits for it any more: only who knows its id can end a machine. */
  async #create(lifeMs: number, signal: AbortSignal | undefined): Promise<E2bMachine> {
    const lease = randomUUID();
    const created = this.#service.create(lease, lifeMs + this.#timeoutMs);
    const decided = new AbortController();
    const unwanted = new Promise<never>((_resolve, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason as Error), { signal: decided.signal });
    });
    try {
      return this.#machine(await Promise.race([created, unwanted]), lifeMs);
    } catch (error) {
      this.#inBackground(
        created.then(
          async ({ id }) => this.#kill(id),
          // The answer may have been lost, and a machine made all the same.
          async (problem: unknown) => (isUnclear(problem) ? this.#service.killLeased(lease) : undefined),
        ),
      );
      throw error;
    } finally {
      decided.abort();
    }
  }

  #machine({ id, token }: PlacedMachine, lifeMs: number): E2bMachine {
    const control = {
      kill: async () => this.#kill(id),
      extend: async (ms: number) => this.#service.extend(id, ms),
    };
    const place = { sandboxUrl: this.#sandboxUrl, id, token, timeoutMs: this.#timeoutMs };
    return new E2bMachine(control, place, { user: this.#user, lifeMs });
  }

  async #kill(id: string): Promise<boolean> {
    for (let kills = 1; kills <= KILLS; kills += 1)
      try {
        await this.#service.kill(id);
        return true;
      } catch {
        // Tried again, here and by runs to come; at the latest its time ends it.
      }
    this.#unfinished.add(id);
    return false;
  }

  #inBackground(work: Promise<unknown>): void {
    const settled = work.catch(() => undefined).finally(() => this.#ending.delete(settled));
    this.#ending.add(settled);
  }

  async #finish(): Promise<void> {
    for (const id of this.#unfinished) {
      this.#unfinished.delete(id);
      if (!(await this.#kill(id))) return;
    }
  }

  async #reapNowAndThen(): Promise<void> {
    await this.#finish();
    if (performance.now() - this.#reapedAt < REAP_EVERY_MS) return;
    this.#reapedAt = performance.now();
    await this.#service.reap();
  }
}

function isUnclear(problem: unknown): boolean {
  const { code } = problem as { readonly code?: unknown };
  return code === "SANDBOX_ENGINE_TIMED_OUT" || code === "SANDBOX_ENGINE_FAILED";
}

const ADVICE = ["install the package e2b, and give the tier a key and a template that the service knows"];
