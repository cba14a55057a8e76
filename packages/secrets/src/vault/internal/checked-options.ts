import type { VaultFetch } from "../vault-fetch.ts";
import type { VaultOptions } from "../vault-options.ts";
import type { Endpoint } from "./exchange.ts";
import { checkedAddress } from "./vault-address.ts";
import { checkedPath } from "./vault-path.ts";

// Looked up at every call, so that instrumentation that comes later is honoured.
const runtimeFetch: VaultFetch = (url, options) => fetch(url, options);

const MAX_TIMEOUT_MS = 600_000;
const MAX_ANSWER_BYTES = 64 << 20;

/** Options with their defaults. @throws TypeError or RangeError for a wrong one. */
export function checkedOptions(
  options: VaultOptions,
): Endpoint & { readonly deadlineMs: number; readonly now: () => number } {
  const { address, namespace, login } = options;
  if (typeof login?.login !== "function") throw new TypeError("login must be a VaultLogin");
  return {
    address: checkedAddress(address, options.allowInsecure ?? false),
    namespace: namespace === undefined || namespace === "" ? undefined : checkedNamespace(namespace),
    fetch: options.fetch ?? runtimeFetch,
    requestTimeoutMs: whole("requestTimeoutMs", options.requestTimeoutMs ?? 5_000, MAX_TIMEOUT_MS),
    deadlineMs: whole("deadlineMs", options.deadlineMs ?? 10_000, MAX_TIMEOUT_MS),
    maxAnswerBytes: whole("maxAnswerBytes", options.maxAnswerBytes ?? 4 << 20, MAX_ANSWER_BYTES),
    now: options.now ?? Date.now,
  };
}

function checkedNamespace(namespace: string): string {
  if (!/^[\x21-\x7e]+$/.test(namespace)) throw new TypeError("namespace must be visible ASCII characters");
  return checkedPath("namespace", namespace.replace(/\/$/, "")).join("/");
}

/** @throws RangeError unless it is a whole number from 1 to `most`. */
export function whole(option: string, value: number, most: number): number {
  if (Number.isSafeInteger(value) && value >= 1 && value <= most) return value;
  throw new RangeError(`${option} must be a whole number from 1 to ${most}`);
}
