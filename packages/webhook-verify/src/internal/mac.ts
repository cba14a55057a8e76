import { HmacKey, hmacSha256, sha256, sha256Hex } from "@symbiont/keys";
import { concatBytes, constantTimeEqual, encodeUtf8 } from "@symbiont/kit";
import { RuntimeHmac } from "@symbiont/kit/runtime-hmac";
import { runtimeBuffer } from "./runtime-buffer.ts";
import { type RuntimeCrypto, runtimeCrypto, webCrypto } from "./runtime-crypto.ts";

/** Hash under an HMAC. SHA-1 is still sound there (RFC 6151 section 2.3 explains why for MD5, which is weaker). */
export type HashName = "sha1" | "sha256" | "sha512";

/** A message in three parts, so that the body is never copied to stand between its neighbours. */
export interface SignedParts {
  readonly before: string;
  readonly body: Uint8Array;
  readonly after: string;
}

/** Tags under one secret. A promise only where the runtime has no synchronous way. */
export interface Mac {
  tag(parts: SignedParts): Uint8Array | Promise<Uint8Array>;
  /** Tells whether one of the candidates is the tag; each is compared in constant time. */
  matches(parts: SignedParts, candidates: readonly Uint8Array[]): boolean | Promise<boolean>;
}

/** Length of a digest in bytes. */
export const DIGEST_LENGTH: Readonly<Record<HashName, number>> = { sha1: 20, sha256: 32, sha512: 64 };

const NOTHING = new Uint8Array(0);

/** HMAC (RFC 2104) with a secret that is imported once. */
export function hmac(hash: HashName, secret: Uint8Array): Mac {
  const runtime = runtimeCrypto();
  if (runtime !== undefined) return runtimeHmac(runtime, hash, secret);
  if (hash !== "sha256") return webHmac(hash, secret);
  const key = new HmacKey(secret);
  return macOf((parts) => hmacSha256(key, joinParts(parts)));
}

/**
 * SHA-256 of secret and message. Not a MAC: whoever sees one digest can extend the message. Only for senders that
 * offer nothing better.
 */
export function secretPrefixHash(secret: Uint8Array): Mac {
  const own = new Uint8Array(secret);
  const runtime = runtimeCrypto();
  if (runtime === undefined) return macOf((parts) => sha256(concatBytes(own, joinParts(parts))));
  return macOf(({ before, body, after }) =>
    runtime.createHash("sha256").update(own).update(before).update(body).update(after).digest(),
  );
}

/** SHA-256 of a message, lower-case hex. */
export function contentDigest(parts: SignedParts): string {
  const runtime = runtimeCrypto();
  if (runtime === undefined) return sha256Hex(joinParts(parts));
  return runtime
    .createHash("sha256")
    .update(parts.before)
    .update(parts.body)
    .update(parts.after)
    .digest("hex");
}

/** The message as one array; the body itself where nothing stands around it. */
export function joinParts({ before, body, after }: SignedParts): Uint8Array {
  if (before === "" && after === "") return body;
  const pieces = [
    before === "" ? NOTHING : encodeUtf8(before),
    body,
    after === "" ? NOTHING : encodeUtf8(after),
  ];
  return runtimeBuffer()?.concat(pieces) ?? concatBytes(...pieces);
}

function macOf(tag: Mac["tag"]): Mac {
  return {
    tag,
    matches: (parts, candidates) => {
      const made = tag(parts);
      return made instanceof Promise
        ? made.then((made) => includes(candidates, made))
        : includes(candidates, made);
    },
  };
}

/**
 * The hot path. The array that the tag is read into lasts: its comparison would first move a new small one out of the
 * engine's heap.
 */
function runtimeHmac(runtime: RuntimeCrypto, hash: HashName, secret: Uint8Array): Mac {
  const hmac = new RuntimeHmac(runtime, hash, secret);
  const scratch = new Uint8Array(new ArrayBuffer(DIGEST_LENGTH[hash]));
  return {
    tag: ({ before, body, after }) =>
      readBinary(hmac.tag(before, body, after), new Uint8Array(scratch.length)),
    matches: ({ before, body, after }, candidates) =>
      includes(candidates, readBinary(hmac.tag(before, body, after), scratch)),
  };
}

function readBinary(text: string, bytes: Uint8Array): Uint8Array {
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = text.charCodeAt(index);
  return bytes;
}

function includes(candidates: readonly Uint8Array[], tag: Uint8Array): boolean {
  let isFound = false;
  for (const candidate of candidates) if (constantTimeEqual(candidate, tag)) isFound = true;
  return isFound;
}

function webHmac(hash: HashName, secret: Uint8Array): Mac {
  const own = new Uint8Array(secret);
  const name = hash === "sha1" ? "SHA-1" : "SHA-512";
  return macOf(async (parts) => {
    const subtle = webCrypto();
    const key = await subtle.importKey("raw", own, { name: "HMAC", hash: name }, false, ["sign"]);
    return new Uint8Array(await subtle.sign("HMAC", key, joinParts(parts)));
  });
}
