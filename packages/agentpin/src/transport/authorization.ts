import { MAX_TOKEN_LENGTH } from "../credential/compact-jws.ts";

/** Scheme of the `Authorization` header. */
export const AUTHORIZATION_SCHEME = "AgentPin";

const HEADER = /^agentpin ([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)$/i;

/** Value of the `Authorization` header for a credential. */
export function authorizationOf(credential: string): string {
  return `${AUTHORIZATION_SCHEME} ${credential}`;
}

/**
 * Finds the credential in the value of an `Authorization` header: the scheme in any case, one space, a token and nothing
 * more. Undefined for anything else. @see RFC 9110 section 11.1
 */
export function credentialFromAuthorization(value: unknown): string | undefined {
  if (typeof value !== "string" || value.length > MAX_TOKEN_LENGTH + AUTHORIZATION_SCHEME.length + 1)
    return undefined;
  return HEADER.exec(value)?.[1];
}
