const URN = /^urn:agentpin:([a-z0-9.-]{1,253}):([A-Za-z0-9._~:/@+-]{1,256})$/;

/** Takes `urn:agentpin:<domain>:<name>` apart; undefined for anything else. */
export function parseAgentUrn(text: string): { readonly domain: string; readonly name: string } | undefined {
  const match = URN.exec(text);
  return match === null ? undefined : { domain: match[1] as string, name: match[2] as string };
}

/** The URN of an agent. */
export function agentUrn(domain: string, name: string): string {
  return `urn:agentpin:${domain}:${name}`;
}
