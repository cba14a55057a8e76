import {
  AgentPinVerifier,
  buildDiscoveryDocument,
  buildRevocationDocument,
  CredentialIssuer,
  DocumentCache,
  type DocumentSource,
  parseDiscoveryDocument,
  StaticDocuments,
} from "@symbiont/agentpin";
import type { JsonValue } from "@symbiont/kit";
import { readPrivateKey } from "../../program/private-key.ts";
import { readJson, readText } from "../../program/read-input.ts";
import type { Answer, Task } from "../../program/task.ts";
import { UsageError } from "../../program/usage-error.ts";
import { writePublic } from "../../program/write-file.ts";

interface IssuerOptions {
  readonly issuer: string;
  readonly key: string;
  readonly kid: string;
}

/** `agentpin publish`. */
export async function publishDocuments(
  options: IssuerOptions & {
    readonly agent: readonly string[];
    readonly discovery: string;
    readonly revocation: string;
  },
): Promise<Answer> {
  const { issuer, kid, discovery, revocation } = options;
  const { publicKey } = await readPrivateKey(options.key, "ES256");
  const agents = options.agent.map((entry) => {
    const [name = "", capabilities = ""] = entry.split("=", 2);
    const listed = capabilities.split(",").filter((one) => one !== "");
    return { agentId: urn(issuer, name), name, capabilities: listed };
  });
  const document = buildDiscoveryDocument({ issuer, entityType: "both", keys: [{ kid, publicKey }], agents });
  await writePublic(discovery, `${JSON.stringify(document, undefined, 2)}\n`);
  await writePublic(revocation, `${JSON.stringify(buildRevocationDocument({ issuer }), undefined, 2)}\n`);
  return {
    data: { discovery, revocation, agents: agents.map(({ agentId }) => agentId) },
    lines: [["ok", `wrote ${discovery} and ${revocation}`], ...agents.map(({ agentId }) => agentId)],
  };
}

/** `agentpin issue`. */
export async function issueCredential(
  options: IssuerOptions & {
    readonly discovery: string;
    readonly agent: string;
    readonly audience: string;
    readonly capability: readonly string[];
    readonly ttl: string;
  },
  task: Task,
): Promise<undefined> {
  const { issuer, kid, agent, audience, capability, ttl } = options;
  if (!/^[1-9]\d{0,5}$/.test(ttl)) throw new UsageError("--ttl must be a number of seconds");
  const key = await readPrivateKey(options.key, "ES256");
  const discovery = parseDiscoveryDocument(await readJson(options.discovery, task), issuer);
  const token = new CredentialIssuer({ key, kid, discovery }).issue({
    agentId: agent.startsWith("urn:") ? agent : urn(issuer, agent),
    audience,
    capabilities: capability,
    ttlSeconds: Number(ttl),
  });
  await task.raw(task.json ? `${JSON.stringify({ credential: token })}\n` : `${token}\n`);
}

/** `agentpin verify`. */
export async function verifyCredential(
  options: {
    readonly issuer: string;
    readonly audience: string;
    readonly discovery?: string;
    readonly revocation?: string;
  },
  task: Task,
  file = "",
): Promise<Answer> {
  const { issuer, audience } = options;
  const documents = await documentsOf(options, task);
  const verifier = new AgentPinVerifier({ audience, trust: { issuers: [issuer] }, documents });
  const result = await verifier.verify((await readText(file, task)).trim());
  if (!result.valid) {
    const { code, protocolCode, reason, step } = result;
    return {
      data: { valid: false, code, protocolCode, reason, step },
      lines: [["bad", `${code} in step ${step}: ${reason}`]],
      no: true,
    };
  }
  const { agentId, capabilities, expiresAt, keyThumbprint, warnings } = result;
  const expires = new Date(expiresAt * 1000).toISOString();
  return {
    data: {
      valid: true,
      issuer,
      agentId,
      capabilities: [...capabilities],
      expires,
      keyThumbprint,
      warnings: warnings as unknown as JsonValue,
    },
    lines: [
      ["ok", `${agentId} of ${issuer}`],
      ["note", `good for ${capabilities.join(", ")} until ${expires}`],
      ["note", `key ${keyThumbprint}`],
    ],
  };
}

async function documentsOf(
  {
    issuer,
    discovery,
    revocation,
  }: { readonly issuer: string; readonly discovery?: string; readonly revocation?: string },
  task: Task,
): Promise<DocumentSource> {
  if ((discovery === undefined) !== (revocation === undefined)) {
    throw new UsageError("--discovery and --revocation go together");
  }
  if (discovery === undefined || revocation === undefined) {
    const { WellKnownResolver } = await import("@symbiont/agentpin/well-known-resolver");
    return new DocumentCache({ resolver: new WellKnownResolver() });
  }
  const held = {
    issuer,
    discovery: await readJson(discovery, task),
    revocation: await readJson(revocation, task),
  };
  return new StaticDocuments([held]);
}

function urn(issuer: string, name: string): string {
  return `urn:agentpin:${issuer}:${name}`;
}
