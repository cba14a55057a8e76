import { generateKeyPair, type PrivateKey } from "@symbiont/keys";
import type { ToolDefinition } from "@symbiont/kit";
import {
  attachEnvelope,
  MemoryPinStore,
  type PinStore,
  SchemaPinToolVerifier,
  type SchemaPinToolVerifierOptions,
  type ServerTrust,
  signTool,
} from "@symbiont/schemapin";

export const domain = "tools.example.com";
export const { privateKey: key } = generateKeyPair("ES256");

export function discoveryOf(signer: PrivateKey, more: object = {}): object {
  return { schema_version: "1.4", public_key_pem: signer.publicKey.toPem(), revoked_keys: [], ...more };
}

export const readFile: ToolDefinition = {
  name: "read_file",
  description: "Reads a file.",
  inputSchema: { type: "object", properties: { path: { type: "string" } }, required: ["path"] },
};

export function signed(
  tool: ToolDefinition,
  signer: PrivateKey = key,
  forDomain: string = domain,
): ToolDefinition {
  return attachEnvelope(tool, signTool(tool, { key: signer, domain: forDomain }));
}

export function verifierOf(
  more: Partial<SchemaPinToolVerifierOptions> = {},
  trust: Partial<ServerTrust> = {},
): { verifier: SchemaPinToolVerifier; pins: PinStore } {
  const pins = more.pins ?? new MemoryPinStore();
  const servers = new Map([["files", { domain, discovery: discoveryOf(key), ...trust }]]);
  return {
    pins,
    verifier: new SchemaPinToolVerifier({ servers, pins, mode: "strict", firstUse: "trust", ...more }),
  };
}

/** The finding for the one tool that is offered: its action and code. */
export async function judge(verifier: SchemaPinToolVerifier, tool: ToolDefinition): Promise<string> {
  const { findings } = await verifier.admit([tool], "files");
  return `${findings[0]?.action} ${findings[0]?.code}`;
}
