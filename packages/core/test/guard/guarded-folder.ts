import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  buildDiscoveryDocument,
  buildRevocationDocument,
  CredentialIssuer,
  parseDiscoveryDocument,
} from "@symbiont/agentpin";
import { ApiKeys } from "@symbiont/api-keys";
import { FileStore } from "@symbiont/api-keys/file";
import type { GuardConfig } from "@symbiont/core/guard";
import { exportPrivateKeyPem, generateKeyPair } from "@symbiont/keys";
import type { ToolDefinition } from "@symbiont/kit";
import { signTool, writeToolSidecar } from "@symbiont/schemapin";

export const readFile: ToolDefinition = {
  name: "read_file",
  description: "Reads a file.",
  inputSchema: {
    type: "object",
    properties: { path: { type: "string" }, password: { type: "string", writeOnly: true } },
    required: ["path"],
    additionalProperties: false,
  },
};
export const runCode: ToolDefinition = {
  name: "run_code",
  description: "Runs code.",
  inputSchema: { type: "object", properties: { code: { type: "string" } }, required: ["code"] },
};

const POLICY = `policy files {
  allow: read_file(file) if args.path.starts_with("/srv/")
  allow: "run_code"
  deny: "read_file" if args.path.contains("..")
  require: approval("operator") if resource.id == "files/read_file" && args.path == "/srv/approved"
}
`;

/** A folder with everything that a guard is opened from, and what its users hold. */
export interface GuardedFolder {
  readonly folder: string;
  readonly config: GuardConfig & { readonly audit: object };
  /** A credential for `agent-7`, by each scheme. */
  readonly apiKey: string;
  readonly agentPin: string;
  /** Tools as the server sends them: signed, but for the last one. */
  readonly offered: readonly ToolDefinition[];
  remove(): void;
}

const ISSUER = "deployer.example";
const DOMAIN = "tools.example.com";

export async function guardedFolder(): Promise<GuardedFolder> {
  const folder = mkdtempSync(join(tmpdir(), "guard-"));
  const write = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content, { mode: 0o600 });
    return name;
  };
  mkdirSync(join(folder, "policies"), { mode: 0o700 });
  write("policies/files.symbi", POLICY);
  write("audit-key.pem", exportPrivateKeyPem(generateKeyPair("Ed25519").privateKey));

  const publisher = generateKeyPair("ES256");
  const signatures = [readFile, runCode].map((tool) => ({
    tool: tool.name,
    envelope: signTool(tool, { key: publisher.privateKey, domain: DOMAIN }),
  }));
  write("signatures.json", writeToolSidecar(signatures, "files"));
  write(
    "discovery.json",
    JSON.stringify({ schema_version: "1.4", public_key_pem: publisher.publicKey.toPem() }),
  );

  const keys = new ApiKeys({ store: new FileStore(join(folder, "api-keys.json")) });
  const { token } = await keys.create({ agents: ["agent-7"] });
  await keys.close();

  const { privateKey: key, publicKey } = generateKeyPair("ES256");
  const agentId = `urn:agentpin:${ISSUER}:agent-7`;
  const agents = [{ agentId, name: "agent-7", capabilities: ["read:*"] }];
  const issued = buildDiscoveryDocument({
    issuer: ISSUER,
    entityType: "deployer",
    keys: [{ kid: "k1", publicKey }],
    agents,
  });
  write("agent-discovery.json", JSON.stringify(issued));
  write("agent-revocation.json", JSON.stringify(buildRevocationDocument({ issuer: ISSUER })));
  const issuer = new CredentialIssuer({ key, kid: "k1", discovery: parseDiscoveryDocument(issued, ISSUER) });

  return {
    folder,
    apiKey: token.reveal(),
    agentPin: issuer.issue({ agentId, audience: "tools.internal", capabilities: ["read:codebase"] }),
    offered: [readFile, runCode, { name: "unsigned", inputSchema: { type: "object" } }],
    config: {
      identity: { apiKeys: { file: "api-keys.json", audience: "tools.internal" } },
      rate: { limits: [{ name: "burst", count: 5, periodMs: 3_600_000 }] },
      tools: {
        pins: "pins.json",
        servers: { files: { domain: DOMAIN, discovery: "discovery.json", signatures: "signatures.json" } },
      },
      policy: { folder: "policies" },
      audit: {
        folder: "journal",
        origin: "example.com/agent/audit/1",
        key: "audit-key.pem",
        anchor: "newest-checkpoint",
      },
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The identity of the same folder by AgentPin. */
export const agentPinIdentity: GuardConfig["identity"] = {
  agentPin: {
    audience: "tools.internal",
    issuers: [ISSUER],
    pins: "agent-pins.json",
    documents: { [ISSUER]: { discovery: "agent-discovery.json", revocation: "agent-revocation.json" } },
  },
};
