import type { AuditSink, Clock, Environment } from "@symbiont/kit";
import type { GateOptions } from "../../gate-options.ts";
import type { IdentityConfig } from "../guard-config.ts";
import { GuardError } from "../guard-error.ts";
import type { GuardStores } from "../guard-stores.ts";
import type { Part } from "../parts.ts";
import { readJsonDocument } from "../read-document.ts";

/** What identities are made with. */
export interface IdentityContext {
  readonly at: (path: string) => string;
  readonly audit: AuditSink;
  readonly clock: Clock;
  readonly env: Environment;
  readonly apiToken: string | undefined;
  readonly stores: GuardStores;
}

type Identity = Part<GateOptions["identity"]>;

/** Opens whatever tells who calls. */
export async function openIdentity(config: IdentityConfig, context: IdentityContext): Promise<Identity> {
  if (config.apiKeys !== undefined) return openApiKeys(config.apiKeys, context);
  if (config.agentPin !== undefined) return openAgentPin(config.agentPin, context);
  if (config.fixed !== undefined) return { port: config.fixed };
  throw new TypeError("identity must be fixed, apiKeys or agentPin");
}

async function openApiKeys(
  { file = "", audience }: NonNullable<IdentityConfig["apiKeys"]>,
  { at, audit, clock, apiToken, stores }: IdentityContext,
): Promise<Identity> {
  const { ApiKeys, apiKeyIdentity } = await import("@symbiont/api-keys");
  const store = stores.apiKeys ?? new (await import("@symbiont/api-keys/file")).FileStore(at(file));
  const keys = new ApiKeys({
    store,
    audit,
    clock,
    ...(apiToken !== undefined && {
      staticToken: { token: apiToken, keyId: "symbiont-api-token", admin: true },
    }),
  });
  return {
    port: { verifier: apiKeyIdentity(keys, audience), audience },
    check: async () => keys.list({ limit: 1 }),
    close: async () => keys.close(),
  };
}

async function openAgentPin(
  { audience, issuers, pins = "", documents }: NonNullable<IdentityConfig["agentPin"]>,
  { at, clock, env, stores }: IdentityContext,
): Promise<Identity> {
  const agentPin = await import("@symbiont/agentpin");
  const store =
    stores.agentPins ?? new (await import("@symbiont/agentpin/file-pin-store")).FilePinStore(at(pins));
  const verifier = new agentPin.AgentPinVerifier({
    audience,
    trust: { issuers },
    documents:
      documents === undefined
        ? new agentPin.DocumentCache({
            resolver: new (await import("@symbiont/agentpin/well-known-resolver")).WellKnownResolver(),
            clock,
          })
        : new agentPin.StaticDocuments(await heldDocuments(documents, issuers, at)),
    pins: { store, policy: "continuity" },
    env,
    clock,
  });
  return {
    port: { verifier: agentPin.agentPinIdentity(verifier), audience },
    check: async () => store.get(issuers[0] ?? ""),
  };
}

async function heldDocuments(
  documents: NonNullable<NonNullable<IdentityConfig["agentPin"]>["documents"]>,
  issuers: readonly string[],
  at: (path: string) => string,
): Promise<{ issuer: string; discovery: unknown; revocation: unknown }[]> {
  const missing = issuers.filter((issuer) => !Object.hasOwn(documents, issuer));
  if (missing.length > 0) {
    const path = "identity.agentPin.documents";
    const problems = [{ path, found: "not every issuer", fix: "add each issuer, or remove the member" }];
    throw new GuardError("GUARD_CONFIG_INVALID", "the configuration cannot be used", { problems });
  }
  return Promise.all(
    Object.entries(documents).map(async ([issuer, { discovery, revocation }]) => ({
      issuer,
      discovery: await readJsonDocument(at(discovery), "identity.agentPin.documents"),
      revocation: await readJsonDocument(at(revocation), "identity.agentPin.documents"),
    })),
  );
}
