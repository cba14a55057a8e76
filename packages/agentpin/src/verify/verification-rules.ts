import type { EngineName } from "@symbiont/keys";
import { type Environment, isProduction, processEnvironment } from "@symbiont/kit";
import type { TimeRules } from "../credential/check-times.ts";
import type { CredentialSignatureFormat } from "../credential/verify-signature.ts";

/** How strictly credentials are judged, whoever brings the documents. */
export interface VerificationOptions {
  /**
   * Who verifies, as credentials name it: their `aud` must be one of these, or `*`. `false`: credentials for anybody
   * are taken; refused in production.
   */
  readonly audience: string | readonly string[] | false;
  /** Default `true`: credentials for `*` are taken, with a warning. */
  readonly allowWildcardAudience?: boolean;
  /** Default `urn`: subjects are agent URNs of the issuer's own domain. `any`: whatever the document declares. */
  readonly subjectFormat?: "urn" | "any";
  /** Default `["der", "jws"]`. */
  readonly signatureFormats?: readonly CredentialSignatureFormat[];
  /** How far clocks may be apart, 0 to 600 seconds. Default 60. */
  readonly clockSkewSeconds?: number;
  /** Longest life of a credential, 1 to 86,400 seconds. Default 86,400. What its agent declares holds as well. */
  readonly maxLifetimeSeconds?: number;
  /** Default `required`. `optional`: credentials pass while it is not known what was revoked; refused in production. */
  readonly revocation?: "required" | "optional";
  /** Oldest `updated_at` of a revocation document that counts, in seconds. Default any. */
  readonly maxRevocationAgeSeconds?: number;
  /**
   * Default `verify-if-present`. `require`: only delegated credentials. `ignore`: chains are not looked at; refused in
   * production.
   */
  readonly delegation?: "verify-if-present" | "require" | "ignore";
  /** Whether capabilities must be in the protocol's taxonomy. Default `false`. */
  readonly strictCapabilities?: boolean;
  /** Default the runtime's where there is one. */
  readonly engine?: EngineName;
  /** Environment variables, for `SYMBIONT_ENV`. Default those of the process. */
  readonly env?: Environment;
}

/** Options after their checks. */
export interface VerificationRules extends TimeRules {
  readonly audience: readonly string[] | false;
  readonly allowWildcardAudience: boolean;
  readonly subjectFormat: "urn" | "any";
  readonly signatureFormats: readonly CredentialSignatureFormat[];
  readonly revocation: "required" | "optional";
  readonly maxRevocationAgeSeconds: number;
  readonly delegation: "verify-if-present" | "require" | "ignore";
  readonly strictCapabilities: boolean;
  readonly engine: EngineName | undefined;
}

const DAY_SECONDS = 86_400;

/** Names of all verification options. */
export const VERIFICATION_OPTIONS: readonly string[] = [
  "audience",
  "allowWildcardAudience",
  "subjectFormat",
  "signatureFormats",
  "clockSkewSeconds",
  "maxLifetimeSeconds",
  "revocation",
  "maxRevocationAgeSeconds",
  "delegation",
  "strictCapabilities",
  "engine",
  "env",
];

/** @throws TypeError or RangeError naming the option. */
export function readVerificationRules(options: VerificationOptions): VerificationRules {
  const rules: VerificationRules = {
    audience: readAudience(options.audience),
    allowWildcardAudience: flag("allowWildcardAudience", options.allowWildcardAudience, true),
    subjectFormat: choice("subjectFormat", options.subjectFormat, ["urn", "any"]),
    signatureFormats: readFormats(options.signatureFormats),
    clockSkewSeconds: seconds("clockSkewSeconds", options.clockSkewSeconds, 60, 0, 600),
    maxLifetimeSeconds: seconds(
      "maxLifetimeSeconds",
      options.maxLifetimeSeconds,
      DAY_SECONDS,
      1,
      DAY_SECONDS,
    ),
    revocation: choice("revocation", options.revocation, ["required", "optional"]),
    maxRevocationAgeSeconds: readMaxAge(options.maxRevocationAgeSeconds),
    delegation: choice("delegation", options.delegation, ["verify-if-present", "require", "ignore"]),
    strictCapabilities: flag("strictCapabilities", options.strictCapabilities, false),
    engine: readEngine(options.engine),
  };
  refuseInProduction(rules, options.env ?? processEnvironment());
  return Object.freeze(rules);
}

/** A wrong or misspelt name would otherwise switch a check off in silence. @throws TypeError */
export function refuseUnknownOptions(options: object, known: readonly string[]): void {
  for (const name of Object.keys(options))
    if (!known.includes(name)) throw new TypeError(`there is no option ${name}`);
}

/** One of the choices, the first by default. @throws TypeError */
export function choice<Value extends string>(
  name: string,
  value: Value | undefined,
  choices: readonly [Value, ...Value[]],
): Value {
  if (value === undefined) return choices[0];
  if (choices.includes(value)) return value;
  throw new TypeError(`${name} must be ${choices.map((one) => JSON.stringify(one)).join(" or ")}`);
}

/** A count of seconds. @throws RangeError */
export function seconds(
  name: string,
  value: number | undefined,
  fallback: number,
  min: number,
  max: number,
): number {
  if (value === undefined) return fallback;
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new RangeError(`${name} must be an integer from ${min} to ${max}, got ${String(value)}`);
}

function flag(name: string, value: boolean | undefined, fallback: boolean): boolean {
  if (value === undefined) return fallback;
  if (typeof value === "boolean") return value;
  throw new TypeError(`${name} must be true or false`);
}

/** Who verifies, as a list. @throws TypeError */
export function readAudience(audience: string | readonly string[] | false): readonly string[] | false {
  if (audience === false) return false;
  const given: unknown = typeof audience === "string" ? [audience] : audience;
  const names = Array.isArray(given) ? (given as readonly unknown[]) : [];
  const texts = names.filter((name) => typeof name === "string" && name !== "" && name !== "*") as string[];
  if (texts.length === 0 || texts.length !== names.length)
    throw new TypeError("audience must be a name, a list of names, or false");
  return Object.freeze(texts);
}

function readFormats(
  formats: readonly CredentialSignatureFormat[] = ["der", "jws"],
): readonly CredentialSignatureFormat[] {
  if (!Array.isArray(formats) || formats.length === 0) throw new TypeError("signatureFormats must be a list");
  return formats.map((format: CredentialSignatureFormat) =>
    choice("signatureFormats", format, ["der", "jws"]),
  );
}

function readEngine(engine: EngineName | undefined): EngineName | undefined {
  return engine === undefined ? undefined : choice<EngineName>("engine", engine, ["runtime", "noble"]);
}

function readMaxAge(value: number | undefined): number {
  return value === undefined
    ? Number.POSITIVE_INFINITY
    : seconds("maxRevocationAgeSeconds", value, 0, 1, Number.MAX_SAFE_INTEGER);
}

function refuseInProduction(
  { audience, revocation, delegation }: VerificationRules,
  env: Environment | undefined,
): void {
  if (!isProduction(env)) return;
  if (revocation === "optional") throw new RangeError("revocation must be required in production");
  if (delegation === "ignore") throw new RangeError("delegation must not be ignored in production");
  if (audience === false) throw new RangeError("audience must be named in production");
}
