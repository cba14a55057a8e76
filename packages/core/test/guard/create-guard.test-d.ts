import { createGuard, type GuardConfig, type GuardOptions } from "@symbiont/core/guard";

declare const config: GuardConfig;
declare const { identity: _, ...rest }: GuardConfig;
declare const options: GuardOptions;

void createGuard(config);
void createGuard(config, options);
void createGuard(rest, { stages: { identity: { kind: "agent", id: "mine" } } });
void createGuard(config, { stages: { identity: { kind: "agent", id: "mine" } } });

// @ts-expect-error nobody says who calls
void createGuard(rest);
// @ts-expect-error another stage does not say who calls
void createGuard(rest, {
  stages: { rate: { take: () => ({ allowed: true, remaining: 1, retryAfterMs: 0 }) } },
});
// @ts-expect-error the options may name no identity
void createGuard(rest, options);
