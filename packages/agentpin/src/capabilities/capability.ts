/** `action:resource`, taken apart at its first colon. */
export interface Capability {
  readonly action: string;
  readonly resource: string;
}

const ACTION = /^[a-z][a-z0-9-]*(?:\.[a-z0-9][a-z0-9-]*)*$/;
/** Printable ASCII without space and asterisk, in labels that are not empty; a wildcard is the whole resource or its last label. */
const RESOURCE = /^(?:\*|[!-)+--/-~]+(?:\.[!-)+--/-~]+)*(?:\.\*)?)$/;
const CORE_ACTIONS: ReadonlySet<string> = new Set([
  "read",
  "write",
  "delete",
  "execute",
  "delegate",
  "admin",
]);

/** Takes a capability apart; undefined when it is none. */
export function parseCapability(text: string): Capability | undefined {
  const colon = text.indexOf(":");
  const action = text.slice(0, Math.max(colon, 0));
  const resource = text.slice(colon + 1);
  return ACTION.test(action) && RESOURCE.test(resource) ? { action, resource } : undefined;
}

/** Tells whether a capability stands for more than one resource by a wildcard. */
export function isWildcard({ resource }: Capability): boolean {
  return resource === "*" || resource.endsWith(".*");
}

/**
 * Tells whether a declared capability covers a requested one: the same action, and any resource, the same, or one below
 * it. A requested wildcard needs the very same declared one, and `admin` is never given by a wildcard.
 */
export function capabilityMatches(declared: string, requested: string): boolean {
  const own = parseCapability(declared);
  const wanted = parseCapability(requested);
  if (own === undefined || wanted === undefined || own.action !== wanted.action) return false;
  if (own.action === "admin" && (isWildcard(own) || isWildcard(wanted))) return false;
  if (isWildcard(wanted)) return own.resource === wanted.resource;
  return (
    own.resource === "*" || own.resource === wanted.resource || wanted.resource.startsWith(`${own.resource}.`)
  );
}

/** Tells whether a capability is in the protocol's taxonomy: a core action, or an action in reverse-domain form. */
export function isKnownCapability(text: string): boolean {
  const capability = parseCapability(text);
  if (capability === undefined) return false;
  const { action } = capability;
  if (action === "admin") return !isWildcard(capability);
  return CORE_ACTIONS.has(action) || action.includes(".");
}
