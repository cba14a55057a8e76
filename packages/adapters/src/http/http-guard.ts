import { type IdentityVerifier, type Principal, SymbiontError } from "@symbiont/kit";
import {
  type RateLimitDecision,
  type RateLimitHeaderOptions,
  rateLimitHeaders,
  rateLimitResponse,
} from "@symbiont/ratelimit";
import { retryStatus } from "../retry-status.ts";
import { credentialOf } from "./credential-of.ts";
import { type HeaderPairs, problem, type Refusal } from "./refusal.ts";
import { SECURITY_HEADERS } from "./security-headers.ts";
import { within } from "./within.ts";

/** Limits requests: `RateLimiter` or `SharedRateLimiter` of `@symbiont/ratelimit`. */
export interface HttpLimiter {
  take(key: string): RateLimitDecision | Promise<RateLimitDecision>;
}

/** Finds the client's address: what `createClientAddress` of `@symbiont/net` returns. */
export type ClientAddressResolver = (
  peer: string | undefined,
  headers: HeaderPairs,
) => {
  readonly ip?: string | undefined;
  readonly key?: string | undefined;
  /** Why the headers were not believed. */
  readonly warning?: string | undefined;
};

/** Who finds out who calls. */
export interface HttpIdentity {
  readonly verifier: IdentityVerifier;
  /** This service, in the verifier's words. */
  readonly audience: string;
  /** Scheme of the `Authorization` header, as `AgentPin`. Default `Bearer`. */
  readonly scheme?: string;
  /** A header that may hold the bare credential instead of `Authorization`, as `x-api-key`. Default none. */
  readonly header?: string;
}

/** What stands before a service's handlers. */
export interface HttpGuardOptions {
  /** Whose address counts behind proxies, for example `createClientAddress()`. */
  readonly clientAddress: ClientAddressResolver;
  /** Limit for each client address, before anything else is looked at; or the decision not to have one. */
  readonly addressLimit: HttpLimiter | "unlimited";
  /** Who may call, by a credential; or the decision to let everybody. */
  readonly identity: HttpIdentity | "anonymous";
  /** Limit for each principal, after authentication. Default none. */
  readonly principalLimit?: HttpLimiter;
  /** Which `RateLimit` fields responses get, and the jitter of `Retry-After`. Default as `rateLimitHeaders` has it. */
  readonly limitFields?: RateLimitHeaderOptions;
  /** Whether responses get headers that suit an API: no sniffing, no framing, no caching. Default `true`. */
  readonly securityHeaders?: boolean;
  /** Longest time for authentication, and for each limit. Default 5,000. */
  readonly timeoutMs?: number;
}

/** A request, as much of it as the guard looks at. */
export interface GuardedRequest {
  /** Address of the socket's other end. */
  readonly peer: string | undefined;
  /** Every header line in order; a name may occur more than once. */
  readonly headers: HeaderPairs;
}

/** The request may go on. */
export interface Admission {
  readonly allowed: true;
  /** Undefined only when the guard lets everybody in. */
  readonly principal: Principal | undefined;
  /** The client's address, when it is known. */
  readonly address: string | undefined;
  /** To be set on the response. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Judges requests, in no framework's words. */
export interface HttpGuard {
  /** Never rejects: what goes wrong is a refusal. */
  check(request: GuardedRequest): Promise<Admission | Refusal>;
}

const FIELD_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const DEFAULT_SCHEME = "Bearer";
const DEFAULT_TIMEOUT_MS = 5_000;

/** Builds the guard that every framework's middleware shares. */
export function createHttpGuard(options: HttpGuardOptions): HttpGuard {
  checkOptions(options);
  const common = options.securityHeaders === false ? {} : SECURITY_HEADERS;
  return {
    async check(request) {
      try {
        const result = await judge(options, request);
        return { ...result, headers: { ...common, ...result.headers } };
      } catch {
        return { ...problem(503, "the request cannot be checked now"), headers: common };
      }
    },
  };
}

async function judge(
  options: HttpGuardOptions,
  { peer, headers }: GuardedRequest,
): Promise<Admission | Refusal> {
  const { clientAddress, addressLimit, identity, principalLimit, limitFields } = options;
  const { timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const { ip, key, warning } = clientAddress(peer, headers);
  // Only a client that wants to pass for its proxy writes so.
  if (warning === "too_many_entries" || warning === "duplicate_header")
    return problem(400, "the client's address is not known");
  let limits: Readonly<Record<string, string>> = {};
  if (addressLimit !== "unlimited") {
    if (key === undefined) return problem(400, "the client's address is not known");
    const decision = await within(timeoutMs, async () => addressLimit.take(`address:${key}`));
    if (!decision.allowed) return { allowed: false, ...rateLimitResponse(decision, limitFields) };
    limits = rateLimitHeaders(decision, limitFields);
  }
  if (identity === "anonymous") return { allowed: true, principal: undefined, address: ip, headers: limits };

  const principal = await authenticate(identity, headers, timeoutMs);
  if ("allowed" in principal) return { ...principal, headers: { ...limits, ...principal.headers } };
  if (principalLimit !== undefined) {
    const decision = await within(timeoutMs, async () =>
      principalLimit.take(`${principal.kind}:${principal.id}`),
    );
    if (!decision.allowed) return { allowed: false, ...rateLimitResponse(decision, limitFields) };
    limits = rateLimitHeaders(decision, limitFields);
  }
  return { allowed: true, principal, address: ip, headers: limits };
}

/** One answer for every wrong credential; told apart is only what is no fault of it, or not for good. */
async function authenticate(
  { verifier, audience, header, scheme = DEFAULT_SCHEME }: HttpIdentity,
  headers: HeaderPairs,
  timeoutMs: number,
): Promise<Principal | Refusal> {
  const credential = credentialOf(headers, header?.toLowerCase(), scheme);
  if (credential === undefined) return unauthorized(scheme);
  try {
    return await within(timeoutMs, async () => verifier.verify(credential, audience));
  } catch (error) {
    if (!SymbiontError.is(error)) throw error;
    return later(error) ?? unauthorized(scheme);
  }
}

/** The refusal for an error that says, by its status or for want of one, that the credential may yet be right. */
function later(
  error: SymbiontError & { readonly httpStatus?: unknown; readonly retryAfterMs?: unknown },
): Refusal | undefined {
  const { retryAfterMs } = error;
  const httpStatus = retryStatus(error);
  if (httpStatus === undefined) return undefined;
  const refusal = problem(
    httpStatus,
    httpStatus === 429 ? "too many attempts" : "the request cannot be checked now",
  );
  if (typeof retryAfterMs !== "number" || !Number.isFinite(retryAfterMs)) return refusal;
  const seconds = String(Math.max(1, Math.ceil(retryAfterMs / 1000)));
  return { ...refusal, headers: { ...refusal.headers, "Retry-After": seconds } };
}

function unauthorized(scheme: string): Refusal {
  const refusal = problem(401, "a valid credential is required");
  return { ...refusal, headers: { ...refusal.headers, "WWW-Authenticate": scheme } };
}

function checkOptions({ clientAddress, addressLimit, identity, limitFields }: HttpGuardOptions): void {
  if (typeof clientAddress !== "function") throw new TypeError("clientAddress must be a function");
  if (addressLimit !== "unlimited" && typeof addressLimit?.take !== "function") {
    throw new TypeError('addressLimit must be a limiter or "unlimited"');
  }
  if (identity !== "anonymous" && typeof identity?.verifier?.verify !== "function") {
    throw new TypeError('identity must have a verifier or be "anonymous"');
  }
  if (identity !== "anonymous" && identity.header !== undefined && !FIELD_NAME.test(identity.header)) {
    throw new TypeError("identity.header must be the name of a header");
  }
  if (identity !== "anonymous" && identity.scheme !== undefined && !FIELD_NAME.test(identity.scheme)) {
    throw new TypeError("identity.scheme must be the name of an authentication scheme");
  }
  // Wrong fields would otherwise be found out by refusing every request.
  rateLimitHeaders({ allowed: true, remaining: 0, retryAfterMs: 0, limits: [] }, limitFields);
}
