import { SecretError } from "../../errors.ts";

/** No answer to a request. */
export interface Silence {
  readonly kind: "silence";
  /** Whether the request may have been carried out. */
  readonly mayHaveRun: boolean;
  readonly error: SecretError;
}

// Found before a byte of the request was sent.
const NOT_SENT: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "UND_ERR_CONNECT_TIMEOUT",
]);
const BAD_CERTIFICATE =
  /^(CERT_|ERR_TLS_CERT_|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT_IN_CHAIN$|UNABLE_TO_(GET|VERIFY|DECRYPT)_)/;

/** A request that took too long. */
export function lateSilence(): Silence {
  const error = new SecretError("SECRET_TIMED_OUT", "Vault did not answer in time");
  return { kind: "silence", mayHaveRun: true, error };
}

/**
 * What an error of `fetch` means. Only the system's code is passed on: the message of a foreign `fetch` could hold
 * headers.
 * @throws SecretError `SECRET_TLS_UNVERIFIED`, which another try would not change.
 */
export function silenceOf(error: unknown): Silence {
  const code = systemCode(error);
  if (code !== undefined && BAD_CERTIFICATE.test(code))
    throw new SecretError("SECRET_TLS_UNVERIFIED", `nobody we trust vouches for the server (${code})`);
  const shown = code === undefined ? "" : ` (${code})`;
  return {
    kind: "silence",
    mayHaveRun: code === undefined || !NOT_SENT.has(code),
    error: new SecretError("SECRET_UNAVAILABLE", `Vault cannot be reached${shown}`),
  };
}

function systemCode(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (typeof code === "string" && /^[A-Z][A-Z0-9_]{1,60}$/.test(code)) return code;
  }
  return undefined;
}
