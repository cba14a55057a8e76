import type { JsonTreeObject } from "@symbiont/kit";
import { SecretError } from "../../errors.ts";
import type { VaultFetch } from "../vault-fetch.ts";
import type { VaultRequest } from "../vault-request.ts";
import type { CallTime } from "./call-time.ts";
import { raceSignal } from "./race-signal.ts";
import { readJsonObject } from "./read-answer.ts";
import { readBody } from "./read-body.ts";
import { lateSilence, type Silence, silenceOf } from "./silence.ts";
import { assertVerifiedTls } from "./vault-address.ts";

/** Where and how requests are sent. */
export interface Endpoint {
  readonly address: string;
  readonly namespace: string | undefined;
  readonly fetch: VaultFetch;
  readonly requestTimeoutMs: number;
  readonly maxAnswerBytes: number;
}

/** What came of sending a request once. */
export type Exchange = Answer | Silence;

/** What Vault, or a proxy before it, said. */
export interface Answer {
  readonly kind: "answer";
  readonly status: number;
  readonly body: JsonTreeObject;
  readonly retryAfter: string | null;
}

/**
 * Sends a request once.
 * @throws SecretError `SECRET_TLS_UNVERIFIED`, `SECRET_TOO_LARGE`, `SECRET_ANSWER_INVALID`, and those of
 * {@link CallTime.assertTime}.
 */
export async function exchange(
  endpoint: Endpoint,
  request: VaultRequest,
  { token, time }: { readonly token: string | undefined; readonly time: CallTime },
): Promise<Exchange> {
  assertVerifiedTls(endpoint.address);
  const timeout = AbortSignal.timeout(Math.ceil(Math.min(endpoint.requestTimeoutMs, time.remainingMs)));
  const signal = AbortSignal.any([timeout, time.signal]);
  const url = urlOf(endpoint, request);
  try {
    // Raced as well, for a `fetch` that does not listen to its signal.
    return await raceSignal(send(endpoint, { ...request, url }, { token, signal }), signal);
  } catch (error) {
    time.assertTime();
    if (SecretError.is(error)) throw error;
    return timeout.aborted ? lateSilence() : silenceOf(error);
  }
}

async function send(
  endpoint: Endpoint,
  { method, url, body }: Pick<VaultRequest, "method" | "body"> & { readonly url: string },
  { token, signal }: { readonly token: string | undefined; readonly signal: AbortSignal },
): Promise<Exchange> {
  const response = await endpoint.fetch(url, {
    method,
    // The token must not travel to wherever an answer points.
    redirect: "manual",
    signal,
    headers: {
      accept: "application/json",
      "x-vault-request": "true",
      ...(token !== undefined && { "x-vault-token": token }),
      ...(endpoint.namespace !== undefined && { "x-vault-namespace": endpoint.namespace }),
      ...(body !== undefined && {
        "content-type": method === "PATCH" ? "application/merge-patch+json" : "application/json",
      }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const { status } = response;
  if (response.type === "opaqueredirect" || (status >= 300 && status < 400)) {
    await response.body?.getReader().cancel();
    throw new SecretError("SECRET_ANSWER_INVALID", "Vault answered with a redirect, which is not followed");
  }
  const bytes = await readBody(response, endpoint.maxAnswerBytes);
  return {
    kind: "answer",
    status,
    body: readObject(status, bytes),
    retryAfter: response.headers.get("retry-after"),
  };
}

function readObject(status: number, bytes: Uint8Array): JsonTreeObject {
  if (bytes.length === 0) return {};
  try {
    return readJsonObject(bytes);
  } catch (error) {
    // What a proxy says in its own words is a failure all the same, and never "no such secret".
    if (status >= 400) return {};
    throw error;
  } finally {
    bytes.fill(0);
  }
}

function urlOf({ address }: Endpoint, { path, query }: VaultRequest): string {
  const segments = path.map((segment) => {
    // The URL parser would resolve them, escaped or not.
    if (segment === "" || segment === "." || segment === "..")
      throw new TypeError("a segment of a path must not be empty, '.' or '..'");
    return encodeURIComponent(segment);
  });
  const search = query === undefined ? "" : `?${new URLSearchParams(query).toString()}`;
  return `${address}/v1/${segments.join("/")}${search}`;
}
