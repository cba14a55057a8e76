import { createGuard, type GuardConfig, type GuardOptions, type GuardStages } from "@symbiont/core/guard";

declare const config: GuardConfig;
declare const { identity: _, ...rest }: GuardConfig;
declare const { tools: _tools, policy: _policy, audit: _audit, ...unguarded }: GuardConfig;
declare const options: GuardOptions;
declare const own: Required<GuardStages>;

void createGuard(config);
void createGuard(config, options);
void createGuard(rest, { stages: { identity: { kind: "agent", id: "mine" } } });
void createGuard(config, { stages: { identity: { kind: "agent", id: "mine" } } });
void createGuard(unguarded, { stages: { tools: own.tools, policy: own.policy, audit: own.audit } });
void createGuard({}, { stages: own });

// @ts-expect-error nobody says who calls
void createGuard(rest);
// @ts-expect-error another stage does not say who calls
void createGuard(rest, {
  stages: { rate: { take: () => ({ allowed: true, remaining: 1, retryAfterMs: 0 }) } },
});
// @ts-expect-error the options may name no identity
void createGuard(rest, options);
// @ts-expect-error no tools
void createGuard(unguarded, { stages: { policy: own.policy, audit: own.audit } });
// @ts-expect-error no policy
void createGuard(unguarded, { stages: { tools: own.tools, audit: own.audit } });
// @ts-expect-error no audit
void createGuard(unguarded, { stages: { tools: own.tools, policy: own.policy } });
