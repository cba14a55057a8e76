/** Member of `params._meta` that carries a credential in the Model Context Protocol. */
export const MCP_CREDENTIAL_KEY = "agentpin_credential";

/** What a server says of itself in its capabilities, as the member `agentpin`. */
export interface McpAgentPinCapability {
  readonly version: "0.1";
  /** Whether requests without a credential are refused. */
  readonly required: boolean;
}

/** The capability to announce. */
export function mcpCapability(required: boolean): McpAgentPinCapability {
  return { version: "0.1", required };
}

/** The parameters of a request with a credential in them; one that is there already is replaced. */
export function withMcpCredential<Params extends object>(
  params: Params,
  credential: string,
): Params & { readonly _meta: Readonly<Record<string, unknown>> } {
  const meta = (params as { readonly _meta?: Readonly<Record<string, unknown>> })._meta;
  return { ...params, _meta: { ...meta, [MCP_CREDENTIAL_KEY]: credential } };
}

/** Finds the credential in the parameters of a request; undefined when there is none. Only own members count. */
export function credentialFromMcp(params: unknown): string | undefined {
  const meta = ownMember(params, "_meta");
  const credential = ownMember(meta, MCP_CREDENTIAL_KEY);
  return typeof credential === "string" && credential !== "" ? credential : undefined;
}

function ownMember(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}
