import { type Decision, type DecisionPoint, type JsonValue, KitError, parseJson } from "@symbiont/kit";
import { readBounded } from "../read-bounded.ts";
import { toOpaInput } from "./opa-input.ts";
import { checkOpaUrl } from "./opa-url.ts";
import { opaRefusal, readOpaResult } from "./read-opa-result.ts";

/** Options of {@link createOpaHttpEngine}. */
export interface OpaHttpOptions {
  /** Base address of the server. `https`, or `http` to this machine. */
  readonly url: string;
  /** The rule that is asked, slashes between its parts. Default `"symbiont/main/allow"`. */
  readonly path?: string;
  /** Gives the bearer token for each request. Default none. */
  readonly token?: () => Promise<string>;
  /** Whether `http` may go to another machine, where everybody on the way can change the answer. Default `false`. */
  readonly allowInsecure?: boolean;
  /** Longest time for an answer, in milliseconds. Default 1,000. */
  readonly timeoutMs?: number;
  /** Default the runtime's. */
  readonly fetch?: typeof fetch;
}

/** Largest answer that is read, in bytes. */
const MAX_ANSWER_BYTES = 1024 * 1024;
const PATH = /^[A-Za-z_]\w*(?:\/[A-Za-z_]\w*)*$/;

/**
 * An OPA server behind the port that gates ask. Follows no redirect; an answer that is late, too large or not what
 * it should be denies. Nothing is cached.
 *
 * @throws RangeError for the address or the path.
 */
export function createOpaHttpEngine(options: OpaHttpOptions): DecisionPoint {
  const { path = "symbiont/main/allow", timeoutMs = 1000 } = options;
  if (!PATH.test(path)) throw new RangeError("path must be names with slashes between them");
  const base = checkOpaUrl(options.url, options.allowInsecure ?? false);
  const url = new URL(`${base.pathname.replace(/\/$/, "")}/v1/data/${path}`, base).href;
  return {
    async decide(request) {
      let body: string;
      try {
        body = `{"input":${toOpaInput(request)}}`;
      } catch {
        return opaRefusal("engine.request");
      }
      try {
        const { fetch: send = fetch, token } = options;
        const signal = AbortSignal.timeout(timeoutMs);
        const headers = new Headers({ "content-type": "application/json", accept: "application/json" });
        if (token !== undefined) headers.set("authorization", `Bearer ${await token()}`);
        const response = await send(url, { method: "POST", headers, body, redirect: "error", signal });
        return await readAnswer(response);
      } catch {
        return opaRefusal("engine.unavailable");
      }
    },
  };
}

async function readAnswer(response: Response): Promise<Decision> {
  if (response.status !== 200) {
    await response.body?.cancel();
    return opaRefusal("engine.unavailable");
  }
  const bytes = await readBounded(response, MAX_ANSWER_BYTES);
  if (bytes === undefined) return opaRefusal("engine.protocol");
  let document: JsonValue;
  try {
    document = parseJson(bytes, { maxBytes: MAX_ANSWER_BYTES, reservedNames: [] });
  } catch (error) {
    if (!KitError.is(error)) throw error;
    return opaRefusal("engine.protocol");
  }
  if (typeof document !== "object" || document === null || Array.isArray(document))
    return opaRefusal("engine.protocol");
  return readOpaResult((document as { readonly result?: JsonValue }).result);
}
