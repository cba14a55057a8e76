import type { SecretHandle } from "@symbiont/kit";
import { invalid } from "../../sandbox-error.ts";
import type { Enforcement, Tier } from "../tier.ts";
import { warmTierOnDemand } from "../tier-on-demand.ts";
import { checkEndpoint, type E2bEndpoint } from "./e2b-endpoint.ts";

export type { E2bEndpoint };

/** Options of {@link e2bTier}. */
export interface E2bTierOptions {
  /** Asked for its bytes at each call of the control plane. The `e2b` package keeps the text of the last ones. */
  readonly apiKey: SecretHandle;
  /** Name or id of a template. It must hold `/bin/sh`, util-linux, coreutils and the user. */
  readonly template: string;
  /** Who guests are in the machine, and nobody else. Default `user`. */
  readonly user?: string;
  /** How long one call of the service or of a machine may take, in milliseconds. Default 30,000. */
  readonly requestTimeoutMs?: number;
  /** How long the machine of a session is there after its last use, in milliseconds. Default 600,000. */
  readonly sessionLifeMs?: number;
  /** Default E2B's own. The environment is not asked. */
  readonly endpoint?: E2bEndpoint;
}

/** Machines of a service. */
export interface E2bTier extends Tier {
  /** Resolves when all machines that were not wanted any more are gone, or could not be ended. Runs are not touched. */
  close(): Promise<void>;
}

const TIMEOUT_MS = 30_000;
const SESSION_LIFE_MS = 600_000;
const MAX_MS = 3_600_000;
const NAME = /^[A-Za-z0-9][A-Za-z0-9_./:-]{0,127}$/;
const USER = /^[a-z_][a-z0-9_-]{0,31}$/;

/** The kernel is the machine's. How much memory and room a machine has is its template's to say, not a run's. */
const ENFORCEMENT: Enforcement = Object.freeze({
  wallMs: "supervisor",
  idleMs: "supervisor",
  cpuSeconds: "kernel",
  memoryBytes: "none",
  processes: "kernel",
  openFiles: "kernel",
  fileBytes: "kernel",
  stackBytes: "kernel",
  workspaceBytes: "none",
  tmpBytes: "none",
  outputBytes: "supervisor",
  outputHardBytes: "supervisor",
  network: "service",
  filesystem: "service",
  syscalls: "none",
});

/**
 * Machines of E2B, each for one run or session: code, files and output leave this host, and how well they are kept apart
 * is the service's word. Never chosen for anybody. Needs the package `e2b`.
 *
 * @throws SandboxError `SANDBOX_INVALID_ARGUMENT`
 */
export function e2bTier(options: E2bTierOptions): E2bTier {
  const { apiKey, template, user = "user" } = options;
  const { requestTimeoutMs = TIMEOUT_MS, sessionLifeMs = SESSION_LIFE_MS } = options;
  if (typeof (apiKey as Partial<SecretHandle> | undefined)?.use !== "function")
    invalid("apiKey must be a secret that lends its bytes");
  if (typeof template !== "string" || !NAME.test(template))
    invalid("template must be the name of a template");
  if (typeof user !== "string" || !USER.test(user)) invalid("user must be the name of a user");
  for (const [name, value] of Object.entries({ requestTimeoutMs, sessionLifeMs }))
    if (!Number.isSafeInteger(value) || value < 1 || value > MAX_MS)
      invalid(`${name} must be a whole number from 1 to ${MAX_MS}`);
  const endpoint = checkEndpoint(options.endpoint);
  const plan = { apiKey, template, user, endpoint, requestTimeoutMs, sessionLifeMs };
  return warmTierOnDemand(
    {
      name: "e2b",
      isolation: Object.freeze({
        sharesKernel: false,
        seesHostProcesses: false,
        seesHostFiles: false,
        reachesNetwork: false,
        isHosted: true,
      }),
      enforcement: () => ENFORCEMENT,
      sessionEnforcement: () => ENFORCEMENT,
    },
    async () => new (await import("./e2b-runner.ts")).E2bRunner(plan),
  );
}
