import { encodeBase64Url } from "@symbiont/kit";
import { requiredHeader } from "../internal/headers.ts";
import { contentDigest } from "../internal/mac.ts";
import { withoutScheme } from "../internal/signature-form.ts";
import {
  describePreset,
  type PreparedPreset,
  type PresetDescription,
  type WebhookPreset,
  type WebhookProof,
} from "../preset.ts";
import { WebhookError } from "../webhook-error.ts";
import type { WebhookRequest } from "../webhook-request.ts";
import { type ClaimRules, checkClaims, checkIssuer, checkRules } from "./claims.ts";
import { importJwks, type Jwk, type JwtAlgorithm, type JwtKey } from "./jwt-key.ts";
import { parseToken, type Token } from "./token.ts";

/** Keys that are published somewhere and change. */
export interface JwksSource {
  /**
   * Gives the current set, the same object for as long as it has not changed. `kid` is the key that is looked for:
   * a reason to look again when the set at hand lacks it.
   */
  jwks(kid: string | undefined): Promise<{ readonly keys: readonly Jwk[] }>;
}

/** How a token is found and judged. */
export interface JwtRules extends ClaimRules {
  /** Header, in lower case, that holds the token. */
  readonly header: string;
  /** Authentication scheme in front of the token; absent when the token stands alone. */
  readonly authScheme?: string;
  /** The only algorithms that count. HS256 cannot stand beside the others. */
  readonly algorithms: readonly JwtAlgorithm[];
  /** Keys of the sender, or where to get them. */
  readonly keys: readonly Jwk[] | JwksSource;
}

/** Describes a scheme whose signature is a JSON Web Token. */
export interface JwtScheme<Options> extends PresetDescription {
  readonly bodyBound: boolean;
  /** Turns the preset's options into rules. */
  readonly rules: (options: Options) => JwtRules;
}

const ALGORITHMS: ReadonlySet<string> = new Set(["HS256", "ES256", "EdDSA", "RS256"]);
const MAX_CANDIDATES = 16;
const MAX_HEADER_LENGTH = 16_500;

/** Makes a preset from the description of a scheme with tokens. @see RFC 7519, RFC 8725 */
export function jwtPreset<Options>(scheme: JwtScheme<Options>): WebhookPreset<Options> {
  return {
    ...describePreset(scheme),
    prepare: (options) => new PreparedJwt(scheme.rules(options)),
  };
}

class PreparedJwt implements PreparedPreset {
  readonly #rules: JwtRules;
  readonly #keys: readonly JwtKey[] | undefined;
  readonly #imported = new WeakMap<object, readonly JwtKey[]>();

  constructor(rules: JwtRules) {
    checkRules(rules);
    checkAlgorithms(rules.algorithms);
    if (!isSource(rules.keys) && (!Array.isArray(rules.keys) || rules.keys.length === 0))
      throw new TypeError("keys must be a list of JWKs or a source of them");
    this.#rules = rules;
    this.#keys = isSource(rules.keys) ? undefined : importJwks(rules.keys);
  }

  check({ headers, rawBody }: WebhookRequest, nowMs: number): WebhookProof | Promise<WebhookProof> {
    const { header, authScheme, algorithms } = this.#rules;
    const value = requiredHeader(headers, header, MAX_HEADER_LENGTH);
    const token = parseToken(authScheme === undefined ? value : withoutScheme(header, value, authScheme));
    const { alg, kid } = token.header;
    if (kid !== undefined && typeof kid !== "string")
      throw new WebhookError("WEBHOOK_JWT_MALFORMED", "token's kid is not a text");
    const algorithm = algorithms.find((allowed) => allowed === alg);
    if (algorithm === undefined)
      throw new WebhookError(
        "WEBHOOK_ALGORITHM_NOT_ALLOWED",
        "token's algorithm is not one of the accepted ones",
      );
    const find = (keys: readonly JwtKey[]): JwtKey | Promise<JwtKey> =>
      findSigner(candidateKeys(keys, algorithm, kid), token);
    const conclude = (key: JwtKey): WebhookProof => this.#conclude(key, token, rawBody, nowMs);
    // Nothing is waited for where nothing has to be.
    const found = this.#keys === undefined ? this.#fetchKeys(token, kid).then(find) : find(this.#keys);
    return found instanceof Promise ? found.then(conclude) : conclude(found);
  }

  #conclude(key: JwtKey, token: Token, rawBody: Uint8Array, nowMs: number): WebhookProof {
    const windowMs = checkClaims(token.payload, this.#rules, rawBody, nowMs);
    return {
      keyIndex: key.index,
      keyId: key.kid,
      claims: token.payload,
      bodyBound: this.#rules.bodyHashClaim === undefined ? undefined : true,
      identity: () => identify(token),
      windowMs,
    };
  }

  /** The issuer is looked at before a set is fetched, so that not everybody can make this host fetch. */
  async #fetchKeys({ payload }: Token, kid: string | undefined): Promise<readonly JwtKey[]> {
    checkIssuer(payload, this.#rules.issuer);
    let set: { readonly keys: readonly Jwk[] };
    try {
      set = await (this.#rules.keys as JwksSource).jwks(kid);
    } catch (cause) {
      throw new WebhookError("WEBHOOK_KEYS_UNAVAILABLE", "keys of the sender could not be fetched", {
        cause,
      });
    }
    let keys = this.#imported.get(set);
    if (keys === undefined) {
      keys = importJwks(set.keys);
      this.#imported.set(set, keys);
    }
    return keys;
  }
}

/** A `kid` only chooses among the keys at hand; `jwk`, `jku`, `x5c` and `x5u` in the token are not looked at. */
function candidateKeys(
  keys: readonly JwtKey[],
  algorithm: JwtAlgorithm,
  kid: string | undefined,
): readonly JwtKey[] {
  const candidates = keys.filter(
    (key) => key.algorithm === algorithm && (kid === undefined || key.kid === undefined || key.kid === kid),
  );
  if (candidates.length === 0) throw new WebhookError("WEBHOOK_KEY_NOT_FOUND", "no key fits the token");
  return candidates.slice(0, MAX_CANDIDATES);
}

function findSigner(candidates: readonly JwtKey[], token: Token, from = 0): JwtKey | Promise<JwtKey> {
  for (let index = from; index < candidates.length; index += 1) {
    const key = candidates[index] as JwtKey;
    const fits = key.verify(token.signingInput, token.signature);
    if (fits instanceof Promise)
      return fits.then((fits) => (fits ? key : findSigner(candidates, token, index + 1)));
    if (fits) return key;
  }
  throw new WebhookError("WEBHOOK_SIGNATURE_MISMATCH", "token's signature fits none of the keys");
}

/** A token's own id where it has one; otherwise what was signed, of which the text has one spelling only. */
function identify({ payload, signingInput }: Token): string {
  const { jti, iss } = payload;
  if (typeof jti !== "string" || jti === "")
    return contentDigest({ before: "", body: signingInput, after: "" });
  return encodeBase64Url(new TextEncoder().encode(JSON.stringify([iss ?? null, jti])));
}

function isSource(keys: JwtRules["keys"]): keys is JwksSource {
  return typeof (keys as Partial<JwksSource>).jwks === "function";
}

function checkAlgorithms(algorithms: readonly string[]): void {
  if (
    !Array.isArray(algorithms) ||
    algorithms.length === 0 ||
    !algorithms.every((name) => ALGORITHMS.has(name as string))
  )
    throw new TypeError("algorithms must list HS256, ES256, EdDSA or RS256");
  // One key text that serves as secret and as public key is how algorithm confusion works (RFC 8725 section 2.1).
  if (algorithms.includes("HS256") && algorithms.length > 1)
    throw new TypeError("algorithms must not mix HS256 with public-key algorithms");
}
