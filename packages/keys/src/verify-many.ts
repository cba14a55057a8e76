import type { Engine, EngineName, SignatureFormat } from "./engine.ts";
import { engineNamed } from "./engine-choice.ts";
import { isIllFormed, type Message, messageBytes } from "./message.ts";
import type { PublicKey } from "./public-key.ts";
import { checkFormat, isWellEncoded } from "./signature-format.ts";

/** One signature of a {@link verifyMany} call. */
export interface SignatureCheck {
  readonly key: PublicKey;
  readonly signature: Uint8Array;
  readonly data: Message;
  /** Encoding of an ES256 signature. Default `"der"`. */
  readonly format?: SignatureFormat;
}

/** Options of {@link verifyMany}. */
export interface VerifyManyOptions {
  /** Default: the runtime's where there is one. */
  readonly engine?: EngineName;
}

/** Enough to keep every pool thread busy, few enough that file reads and others do not wait behind them all. */
const MAX_IN_FLIGHT = 64;

/**
 * Verifies many signatures on the runtime's thread pool. The answers are those of `verify`, in the order of
 * the checks. The noble engine has no pool: it works on the caller's thread, one check after the other.
 * Only what is in flight is copied: leave the bytes of the checks alone until the promise settles.
 *
 * @throws TypeError and KeysError as `verify`, as a rejection; later checks may then not have run.
 */
export async function verifyMany(
  checks: readonly SignatureCheck[],
  options: VerifyManyOptions = {},
): Promise<boolean[]> {
  const engine = engineNamed(options.engine);
  const answers: boolean[] = [];
  for (let at = 0; at < checks.length; at += MAX_IN_FLIGHT) {
    const batch = checks.slice(at, at + MAX_IN_FLIGHT).map((check) => verifyOne(engine, check));
    answers.push(...(await Promise.all(batch)));
  }
  return answers;
}

async function verifyOne(engine: Engine, check: SignatureCheck): Promise<boolean> {
  const { key, signature, data } = check;
  const format = checkFormat(check.format);
  if (!isWellEncoded(key, signature, format) || isIllFormed(data)) return false;
  const bytes = messageBytes(data);
  try {
    return await engine.verifyPooled(key, signature, bytes, format);
  } catch {
    return false;
  }
}
