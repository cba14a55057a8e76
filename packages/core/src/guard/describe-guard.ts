import type { JsonValue } from "@symbiont/kit";
import type { CheckedConfig } from "./guard-config.ts";
import type { Relaxation } from "./relaxations.ts";
import { type StoreChoice, storeKinds } from "./store-places.ts";

/** What a guard says of itself. Safe to print. */
export interface GuardDescription {
  readonly production: boolean;
  /**
   * The configuration with its defaults, without members that a stage of the same name replaces. Texts that look like
   * secrets are replaced.
   */
  readonly config: JsonValue;
  /** What is less strict than the default. */
  readonly relaxed: readonly Relaxation[];
  /** Stages that the host brought itself: the configuration says nothing about them. */
  readonly replaced: readonly string[];
  /** Where things are kept, by kind: `file`, `memory`, or the class of the store that the host gave. Nothing else of it. */
  readonly stores: Readonly<Record<string, string>>;
}

/** Fills in the defaults, so that what is in force can be read instead of looked up. */
export function describeGuard(
  config: CheckedConfig,
  {
    production,
    relaxed,
    stages,
    stores,
    redactText,
  }: StoreChoice & {
    readonly production: boolean;
    readonly relaxed: readonly Relaxation[];
    readonly redactText: (text: string) => string;
  },
): GuardDescription {
  const inForce = {
    ...config,
    rate: config.rate ?? { limits: [{ name: "default", count: 100, periodMs: 60_000 }] },
    tools: {
      enforcement: "strict",
      firstUse: production ? "refuse" : "trust",
      onSignedChange: "review",
      ...config.tools,
    },
    audit: config.audit === "none" ? "none" : { failureMode: "strict", ...config.audit },
    timeouts: { ...DEFAULT_TIMEOUTS, ...config.timeouts },
  };
  const replaced = Object.entries(stages)
    .filter(([, stage]) => stage !== undefined)
    .map(([name]) => name);
  const own = Object.entries(inForce).filter(([name]) => !replaced.includes(name));
  return Object.freeze({
    production,
    config: redacted(Object.fromEntries(own), redactText),
    relaxed,
    replaced,
    stores: storeKinds(config, { stages, stores }),
  });
}

/** Milliseconds where the configuration says nothing. */
export const DEFAULT_TIMEOUTS: {
  readonly stageMs: number;
  readonly approvalMs: number;
  readonly drainMs: number;
} = Object.freeze({ stageMs: 5_000, approvalMs: 120_000, drainMs: 30_000 });

/** Names are kept, since they are the schema's or the operator's; texts may have been put into the wrong place. */
function redacted(value: unknown, redactText: (text: string) => string): JsonValue {
  if (typeof value === "string") return redactText(value);
  if (Array.isArray(value)) return value.map((item) => redacted(item, redactText));
  if (typeof value !== "object" || value === null) return value as JsonValue;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, redacted(member, redactText)]));
}
