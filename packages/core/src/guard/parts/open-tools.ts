import type { AuditSink, Clock, Environment, ToolVerifier } from "@symbiont/kit";
import type { ServerTrust, TrustLedger } from "@symbiont/schemapin";
import type { ServerConfig, ToolsConfig } from "../guard-config.ts";
import { GuardError } from "../guard-error.ts";
import type { GuardStores } from "../guard-stores.ts";
import type { Part } from "../parts.ts";
import { readDocument, readJsonDocument } from "../read-document.ts";

/** What the verifier is made with. */
export interface ToolsContext {
  readonly at: (path: string) => string;
  readonly audit: AuditSink;
  readonly clock: Clock;
  readonly env: Environment;
  readonly stores: GuardStores;
}

/** Opens the verifier of tool definitions. */
export async function openTools(config: ToolsConfig, context: ToolsContext): Promise<Part<ToolVerifier>> {
  const { at, audit, clock, env, stores } = context;
  const { OwnTools, SchemaPinToolVerifier } = await import("@symbiont/schemapin");
  const { enforcement = "strict", firstUse, onSignedChange } = config;
  const servers = new Map<string, ServerTrust>();
  for (const [id, server] of Object.entries(config.servers))
    servers.set(id, await serverTrust(id, server, at));
  const pins =
    stores.toolPins ??
    new (await import("@symbiont/schemapin/file-pin-store")).FilePinStore(at(config.pins ?? ""));
  const ledger = stores.trustLedger ?? (await fileLedger(config.ledger, at));
  const verifier = new SchemaPinToolVerifier({
    servers,
    pins,
    mode: enforcement,
    ...(firstUse !== undefined && { firstUse }),
    ...(onSignedChange !== undefined && { onSignedChange }),
    ...(ledger !== undefined && { ledger }),
    audit,
    env,
    clock,
  });
  const anyPin = { kind: "tool", domain: "health.invalid", subject: "any" } as const;
  const { own = [] } = config;
  return {
    port: own.length === 0 ? verifier : new OwnTools(own, verifier),
    check: async () => pins.get(anyPin),
  };
}

async function fileLedger(
  file: string | undefined,
  at: (path: string) => string,
): Promise<TrustLedger | undefined> {
  if (file === undefined) return undefined;
  return new (await import("@symbiont/schemapin/file-trust-ledger")).FileTrustLedger(at(file));
}

async function serverTrust(
  id: string,
  config: ServerConfig,
  at: (path: string) => string,
): Promise<ServerTrust> {
  const { parseToolLock, parseToolSidecar } = await import("@symbiont/schemapin");
  const { domain, discovery, revocation, signatures, lock } = config;
  const member = `tools.servers.${id}`;
  const own = <T extends { readonly server: string }>(file: T): T => {
    if (file.server === id) return file;
    throw new GuardError("GUARD_START_FAILED", `a file of ${member} is about another server`);
  };
  if (lock !== undefined)
    return { domain, lock: own(parseToolLock(await readDocument(at(lock), member))).tools };
  const documents =
    discovery === undefined
      ? { resolver: new (await import("@symbiont/schemapin/well-known-resolver")).WellKnownResolver() }
      : { discovery: await readJsonDocument(at(discovery), member) };
  return {
    domain,
    ...documents,
    ...(revocation !== undefined && { revocation: await readJsonDocument(at(revocation), member) }),
    ...(signatures !== undefined && {
      envelopes: own(parseToolSidecar(await readDocument(at(signatures), member))).tools,
    }),
  };
}
