// Writes ecdsa-signatures.json, eddsa-signatures.json and key-imports.json. See README.md beside this file.
import { writeFileSync } from "node:fs";
import { ed25519 } from "@noble/curves/ed25519.js";
import { p256 } from "@noble/curves/nist.js";
import { bytesToHex, bytesToNumberLE, hexToBytes, numberToBytesBE, numberToBytesLE } from "@noble/curves/utils.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const fixed = (label: string): Uint8Array => sha256(utf8(`symbiont-keys-vector:${label}`));
const join = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(parts.flatMap((part) => [...part]));
const hex = (text: string): Uint8Array => hexToBytes(text.replaceAll(" ", ""));
const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

const message = utf8("pay 100 to alice");

// ---- ES256 ----
const n = p256.Point.Fn.ORDER;
const p = p256.Point.Fp.ORDER;
const scalar = fixed("es256");
const point = p256.getPublicKey(scalar, false);

const digits = (number: bigint): Uint8Array => hex((number.toString(16).length % 2 ? "0" : "") + number.toString(16));
const integer = (content: Uint8Array): Uint8Array => join(Uint8Array.of(2, content.length), content);
const unsigned = (number: bigint): Uint8Array => {
  const bytes = digits(number);
  return integer((bytes[0] ?? 0) >= 0x80 ? join(Uint8Array.of(0), bytes) : bytes);
};
const sequence = (...parts: readonly Uint8Array[]): Uint8Array => {
  const body = join(...parts);
  return join(Uint8Array.of(0x30, body.length), body);
};
const raw = (r: bigint, s: bigint): Uint8Array => join(numberToBytesBE(r, 32), numberToBytesBE(s, 32));

interface Parts {
  readonly text: Uint8Array;
  readonly r: bigint;
  readonly s: bigint;
}

function signed(text: Uint8Array): Parts {
  const { r, s } = p256.Signature.fromBytes(p256.sign(text, scalar, { lowS: false }), "compact");
  return { text, r, s };
}

function search(fits: (parts: Parts) => boolean): Parts {
  for (let count = 0; ; count += 1) {
    const parts = signed(utf8(`message ${count}`));
    if (fits(parts)) return parts;
  }
}

const plain = search(({ r, s }) => r >> 255n === 0n && r >> 247n !== 0n && s < n / 2n && s >> 247n !== 0n);
const topBits = search(({ r, s }) => r >> 255n === 1n && s >> 255n === 1n);
const shortR = search(({ r }) => r >> 247n === 0n);
const shortS = search(({ s }) => s >> 247n === 0n);
const padded = search(({ r }) => r >> 248n === 0n && r >> 247n === 1n);

const ecdsa: object[] = [];
/** Invalid cases are badly encoded, unless their id is listed here: those are just wrong. */
const wellEncoded = new Set([
  "der-other-message",
  "der-swapped",
  "der-one-one",
  "raw-other-message",
  "raw-r-minus-one",
  "raw-swapped",
  "raw-negated-r",
  "raw-little-endian",
]);
function ecdsaCase(id: string, note: string, valid: boolean, format: string, text: Uint8Array, signature: Uint8Array) {
  ecdsa.push({
    id,
    note,
    format,
    message: bytesToHex(text),
    signature: bytesToHex(signature),
    well_encoded: valid || wellEncoded.has(id),
    valid,
  });
}
for (const [name, parts] of Object.entries({ plain, topBits, shortR, shortS, padded })) {
  const { text, r, s } = parts;
  ecdsaCase(`der-${name}`, "strict DER", true, "der", text, sequence(unsigned(r), unsigned(s)));
  ecdsaCase(`raw-${name}`, "r and s of 32 bytes", true, "raw", text, raw(r, s));
  ecdsaCase(`der-${name}-twin`, "(r, n - s) is valid too", true, "der", text, sequence(unsigned(r), unsigned(n - s)));
  ecdsaCase(`raw-${name}-twin`, "(r, n - s) is valid too", true, "raw", text, raw(r, n - s));
}
{
  const { text, r, s } = plain;
  const R = unsigned(r);
  const S = unsigned(s);
  const good = sequence(R, S);
  const body = join(R, S);
  const bad = (id: string, note: string, signature: Uint8Array, of = text): void =>
    ecdsaCase(id, note, false, "der", of, signature);
  bad("der-other-message", "signature of another message", good, utf8("another"));
  bad("der-trailing-byte", "a byte after the end", join(good, Uint8Array.of(0)));
  bad("der-trailing-in-sequence", "a byte after s, counted by the sequence", sequence(R, S, Uint8Array.of(0)));
  bad("der-trailing-null", "a NULL after s", sequence(R, S, hex("0500")));
  bad("der-third-integer", "a third integer", sequence(R, S, unsigned(1n)));
  bad("der-long-length", "sequence length in long form", join(Uint8Array.of(0x30, 0x81, body.length), body));
  bad("der-longer-length", "length with a leading zero", join(Uint8Array.of(0x30, 0x82, 0, body.length), body));
  bad("der-length-plus-one", "the sequence says it is a byte longer", join(Uint8Array.of(0x30, body.length + 1), body));
  bad("der-length-minus-one", "the sequence says it is a byte shorter", join(Uint8Array.of(0x30, body.length - 1), body));
  bad("der-indefinite", "BER indefinite length", join(hex("3080"), body, hex("0000")));
  bad("der-long-integer-length", "length of r in long form", sequence(join(hex("0281"), R.subarray(1)), S));
  bad("der-padded-r", "r with a needless zero byte", sequence(integer(join(hex("00"), digits(r))), S));
  bad("der-padded-s", "s with a needless zero byte", sequence(R, integer(join(hex("00"), digits(s)))));
  bad("der-set", "SET in place of SEQUENCE", join(Uint8Array.of(0x31, body.length), body));
  bad("der-bit-string", "r is no INTEGER", sequence(join(hex("03"), R.subarray(1)), S));
  bad("der-empty-r", "r has no content", sequence(hex("0200"), S));
  bad("der-empty-s", "s has no content", sequence(R, hex("0200")));
  bad("der-missing-s", "only r", sequence(R));
  bad("der-swapped", "s before r", sequence(S, R));
  bad("der-zero-r", "r = 0", sequence(unsigned(0n), S));
  bad("der-zero-s", "s = 0", sequence(R, unsigned(0n)));
  bad("der-both-zero", "r = s = 0", sequence(unsigned(0n), unsigned(0n)));
  bad("der-one-one", "r = s = 1", sequence(unsigned(1n), unsigned(1n)));
  bad("der-r-is-n", "r = n", sequence(unsigned(n), S));
  bad("der-s-is-n", "s = n", sequence(R, unsigned(n)));
  bad("der-r-plus-n", "r + n, the same number mod n", sequence(unsigned(r + n), S));
  bad("der-s-plus-n", "s + n, the same number mod n", sequence(R, unsigned(s + n)));
  bad("der-negative-r", "r - 2^256", sequence(integer(join(hex("ff"), numberToBytesBE(r, 32))), S));
  bad("der-huge-r", "r + 2^320", sequence(integer(join(hex("01"), new Uint8Array(8), numberToBytesBE(r, 32))), S));
  bad("der-truncated", "last byte missing", good.subarray(0, -1));
  bad("der-cut-in-r", "ends inside r", good.subarray(0, 10));
  bad("der-length-too-long", "r says it is longer than the rest", sequence(join(hex("0250"), R.subarray(2)), S));
  bad("der-header-only", "just the header", hex("3000"));
  bad("der-empty", "no bytes", hex(""));
  bad("der-garbage-first", "a byte in front", join(Uint8Array.of(0), good));
  bad("der-is-raw", "raw signature where DER belongs", raw(r, s));
  const T = signed(topBits.text);
  const unpadded = sequence(integer(digits(T.r)), unsigned(T.s));
  bad("der-missing-sign-byte", "r without its zero byte is negative", unpadded, topBits.text);
  const badRaw = (id: string, note: string, signature: Uint8Array, of = text): void =>
    ecdsaCase(id, note, false, "raw", of, signature);
  badRaw("raw-other-message", "signature of another message", raw(r, s), utf8("another"));
  badRaw("raw-short", "63 bytes", raw(r, s).subarray(1));
  badRaw("raw-long", "65 bytes", join(raw(r, s), Uint8Array.of(0)));
  badRaw("raw-96", "96 bytes, as P-384 has", join(raw(r, s), new Uint8Array(32)));
  badRaw("raw-empty", "no bytes", hex(""));
  badRaw("raw-zeros", "r = s = 0 (CVE-2022-21449)", new Uint8Array(64));
  badRaw("raw-zero-r", "r = 0", raw(0n, s));
  badRaw("raw-zero-s", "s = 0", raw(r, 0n));
  badRaw("raw-ones", "all bits set", new Uint8Array(64).fill(255));
  badRaw("raw-r-is-n", "r = n", raw(n, s));
  badRaw("raw-s-is-n", "s = n", raw(r, n));
  badRaw("raw-n-n", "r = s = n", raw(n, n));
  badRaw("raw-r-minus-one", "r - 1", raw(r - 1n, s));
  badRaw("raw-swapped", "s before r", raw(s, r));
  badRaw("raw-negated-r", "n - r", raw(n - r, s));
  badRaw("raw-is-der", "DER signature where raw belongs", good);
  const little = join(numberToBytesLE(r, 32), numberToBytesLE(s, 32));
  badRaw("raw-little-endian", "little-endian numbers", little);
}
write("ecdsa-signatures.json", {
  note: "One P-256 key; SHA-256 of the message is signed.",
  raw: bytesToHex(point),
  cases: ecdsa,
});

// ---- Ed25519 ----
const { Point } = ed25519;
type Ed = typeof Point.BASE;
const L = Point.Fn.ORDER;
const q = Point.Fp.ORDER;
const seed = fixed("ed25519");
const { scalar: a, pointBytes: A } = ed25519.utils.getExtendedPublicKey(seed);
const identity = Point.ZERO;
/** A point of order 8: L times any point that is not in the prime-order group. */
const order8 = Point.fromHex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", false);
const order2 = order8.double().double();
const order4 = order8.double();
const timesOrder8 = (count: number): Ed => {
  let sum = identity;
  for (let index = 0; index < count; index += 1) sum = sum.add(order8);
  return sum;
};
if (!timesOrder8(8).equals(identity) || timesOrder8(4).equals(identity)) throw new Error("order8 is wrong");

const mod = (number: bigint): bigint => ((number % L) + L) % L;
const challenge = (R: Uint8Array, key: Uint8Array, text: Uint8Array): bigint =>
  mod(bytesToNumberLE(sha512(join(R, key, text))));
const assemble = (R: Uint8Array, S: bigint): Uint8Array => join(R, numberToBytesLE(S, 32));
const nonce = mod(bytesToNumberLE(sha512(utf8("symbiont-keys-vector:nonce"))));
const honestR = Point.BASE.multiply(nonce);
/** A signature that fits the bytes of R; with R off the honest point it fits only up to the cofactor. */
const forR = (R: Uint8Array, text: Uint8Array, key: Uint8Array = A): Uint8Array =>
  assemble(R, mod(nonce + challenge(R, key, text) * a));
/** With R of small order the nonce is 0. */
const forSmallR = (R: Uint8Array, text: Uint8Array): Uint8Array => assemble(R, mod(challenge(R, A, text) * a));
const encodedY = (y: bigint, sign = 0): Uint8Array => {
  const bytes = numberToBytesLE(y, 32);
  bytes[31] = (bytes[31] ?? 0) | (sign << 7);
  return bytes;
};

const eddsa: object[] = [];
function eddsaCase(id: string, note: string, valid: boolean, signature: Uint8Array, text: Uint8Array = message, key: Uint8Array = A): void {
  eddsa.push({
    id,
    note,
    raw: bytesToHex(key),
    message: bytesToHex(text),
    signature: bytesToHex(signature),
    valid,
  });
}
{
  const good = ed25519.sign(message, seed);
  const S = bytesToNumberLE(good.subarray(32));
  const R = good.subarray(0, 32);
  eddsaCase("plain", "as RFC 8032 makes it", true, good);
  eddsaCase("other-nonce", "any nonce will do", true, forR(honestR.toBytes(), message));
  eddsaCase("empty-message", "", true, ed25519.sign(utf8(""), seed), utf8(""));
  const long = new Uint8Array(5000).fill(7);
  eddsaCase("long-message", "5,000 bytes", true, ed25519.sign(long, seed), long);
  eddsaCase("other-message", "signature of another message", false, good, utf8("another"));
  eddsaCase("other-key", "signature of another key", false, good, message, ed25519.getPublicKey(fixed("other")));
  eddsaCase("s-plus-l", "S + L, the same number mod L", false, assemble(R, S + L));
  eddsaCase("s-plus-8l", "S + 8 L", false, assemble(R, S + 8n * L));
  eddsaCase("s-is-l", "S = L, which is 0 mod L", false, assemble(R, L));
  eddsaCase("s-is-zero", "S = 0", false, assemble(R, 0n));
  eddsaCase("s-top-bits", "three top bits of S set", false, join(good.subarray(0, 63), Uint8Array.of((good[63] ?? 0) | 0xe0)));
  eddsaCase("negated-s", "L - S", false, assemble(R, L - S));
  eddsaCase("short", "63 bytes", false, good.subarray(0, 63));
  eddsaCase("long", "65 bytes", false, join(good, Uint8Array.of(0)));
  eddsaCase("empty", "no bytes", false, hex(""));
  eddsaCase("zeros", "64 zero bytes", false, new Uint8Array(64));
  eddsaCase("ones", "all bits set", false, new Uint8Array(64).fill(255));
  eddsaCase("r-only", "R twice", false, join(R, R));
  eddsaCase("halves-swapped", "S before R", false, join(good.subarray(32), R));
  eddsaCase("r-sign-flipped", "-R", false, join(R.subarray(0, 31), Uint8Array.of((R[31] ?? 0) ^ 0x80), good.subarray(32)));
  eddsaCase("r-off-curve", "R is no point", false, forR(encodedY(2n), message));

  eddsaCase("r-identity", "nonce 0: the equation holds, but R is of small order", false, forSmallR(identity.toBytes(), message));
  eddsaCase("r-identity-sign-bit", "R = identity with the sign bit set", false, forSmallR(encodedY(1n, 1), message));
  eddsaCase("r-identity-unreduced", "R = identity written as y = p + 1", false, forSmallR(encodedY(q + 1n), message));
  eddsaCase("r-identity-unreduced-sign", "the same with the sign bit set", false, forSmallR(encodedY(q + 1n, 1), message));
  eddsaCase("r-minus-one-sign", "R = (0, -1) with the sign bit set", false, forSmallR(encodedY(q - 1n, 1), message));
  for (const [name, torsion] of Object.entries({ order2, order4, order8 })) {
    const small = torsion.toBytes();
    eddsaCase(`r-${name}`, "R of small order: only the equation with cofactor holds", false, forSmallR(small, message));
    const mixed = honestR.add(torsion).toBytes();
    eddsaCase(`r-plus-${name}`, "R with a small-order part: only the equation with cofactor holds", false, forR(mixed, message));
  }

  const honestA = Point.fromBytes(A, false);
  for (const [name, torsion, order] of [
    ["order2", order2, 2],
    ["order4", order4, 4],
    ["order8", order8, 8],
  ] as const) {
    const key = honestA.add(torsion).toBytes();
    const R0 = honestR.toBytes();
    for (let count = 0, seen = 0; seen !== 3; count += 1) {
      const text = utf8(`mixed key ${count}`);
      const divides = challenge(R0, key, text) % BigInt(order) === 0n;
      if ((seen & (divides ? 1 : 2)) !== 0) continue;
      seen |= divides ? 1 : 2;
      const note = divides
        ? "key with a small-order part that the challenge cancels: both equations hold"
        : "key with a small-order part: only the equation with cofactor holds";
      eddsaCase(`a-plus-${name}-${divides ? "cancelled" : "left"}`, note, divides, forR(R0, text, key), text, key);
    }
  }
}
write("eddsa-signatures.json", {
  note: "Pure Ed25519, verified by the equation without cofactor, R compared as bytes.",
  cases: eddsa,
});

// ---- key imports ----
const P256_ID = hex("301306072a8648ce3d020106082a8648ce3d030107");
const P384_ID = hex("301006072a8648ce3d020106052b81040022");
const K256_ID = hex("301006072a8648ce3d020106052b8104000a");
const ED_ID = hex("300506032b6570");
const X25519_ID = hex("300506032b656e");
const ED448_ID = hex("300506032b6571");
const RSA_ID = hex("300d06092a864886f70d0101010500");
const der = (tag: number, ...parts: readonly Uint8Array[]): Uint8Array => {
  const body = join(...parts);
  const length = body.length < 0x80 ? [body.length] : body.length < 0x100 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 255];
  return join(Uint8Array.of(tag, ...length), body);
};
const bits = (bytes: Uint8Array): Uint8Array => der(0x03, Uint8Array.of(0), bytes);
const spki = (id: Uint8Array, key: Uint8Array): Uint8Array => der(0x30, id, bits(key));
const pem = (label: string, bytes: Uint8Array, eol = "\n"): string =>
  `-----BEGIN ${label}-----${eol}${base64(bytes).replaceAll(/(.{64})(?!$)/g, `$1${eol}`)}${eol}-----END ${label}-----${eol}`;

const imports: object[] = [];
type Input = string | object;
/** `code` null: accepted, and `fingerprint` names the key. */
function importCase(id: string, form: string, input: Input, code: string | null, algorithm: "ES256" | "Ed25519" = "ES256"): void {
  const wanted = spki(algorithm === "ES256" ? P256_ID : ED_ID, algorithm === "ES256" ? point : A);
  const outcome = code === null ? { code, algorithm, fingerprint: `sha256:${bytesToHex(sha256(wanted))}` } : { code };
  imports.push({ id, form, input, ...outcome });
}
const rawCase = (id: string, algorithm: "ES256" | "Ed25519", key: Uint8Array, code: string | null): void =>
  importCase(id, `public-raw-${algorithm}`, bytesToHex(key), code, algorithm);

const x = point.subarray(1, 33);
const y = point.subarray(33);
const edge = (first: bigint, second: bigint): Uint8Array =>
  join(Uint8Array.of(4), numberToBytesBE(first, 32), numberToBytesBE(second, 32));
const compressed = p256.getPublicKey(scalar, true);
const X = bytesToNumberLE(x.toReversed());
const Y = bytesToNumberLE(y.toReversed());
rawCase("raw-p256", "ES256", point, null);
rawCase("raw-p256-compressed", "ES256", compressed, "KEY_UNSUPPORTED_ENCODING");
rawCase("raw-p256-hybrid", "ES256", join(Uint8Array.of(6 | Number(Y & 1n)), x, y), "KEY_UNSUPPORTED_ENCODING");
rawCase("raw-p256-infinity", "ES256", Uint8Array.of(0), "KEY_INVALID_RAW");
rawCase("raw-p256-no-prefix", "ES256", point.subarray(1), "KEY_INVALID_RAW");
rawCase("raw-p256-long", "ES256", join(point, Uint8Array.of(0)), "KEY_INVALID_RAW");
rawCase("raw-p256-wrong-prefix", "ES256", join(Uint8Array.of(5), x, y), "KEY_POINT_INVALID");
rawCase("raw-p256-zero", "ES256", edge(0n, 0n), "KEY_POINT_INVALID");
rawCase("raw-p256-off-curve", "ES256", edge(X, Y ^ 1n), "KEY_POINT_INVALID");
rawCase("raw-p256-swapped", "ES256", edge(Y, X), "KEY_POINT_INVALID");
rawCase("raw-p256-x-is-p", "ES256", edge(p, Y), "KEY_POINT_INVALID");
{
  // x = 5 is on the curve; x + p fits into 32 bytes and is the same field element.
  const small = p256.Point.fromHex(`02${"05".padStart(64, "0")}`);
  rawCase("raw-p256-x-unreduced", "ES256", edge(5n + p, small.y), "KEY_POINT_INVALID");
}
rawCase("raw-p256-as-ed25519", "Ed25519", point, "KEY_INVALID_RAW");
rawCase("raw-ed25519", "Ed25519", A, null);
rawCase("raw-ed25519-short", "Ed25519", A.subarray(1), "KEY_INVALID_RAW");
rawCase("raw-ed25519-long", "Ed25519", join(A, Uint8Array.of(0)), "KEY_INVALID_RAW");
rawCase("raw-ed25519-off-curve", "Ed25519", encodedY(2n), "KEY_POINT_INVALID");
for (let count = 0; count < 8; count += 1) {
  rawCase(`raw-ed25519-small-order-${count}`, "Ed25519", timesOrder8(count).toBytes(), "KEY_POINT_INVALID");
}
rawCase("raw-ed25519-identity-sign", "Ed25519", encodedY(1n, 1), "KEY_POINT_INVALID");
rawCase("raw-ed25519-minus-one-sign", "Ed25519", encodedY(q - 1n, 1), "KEY_POINT_INVALID");
for (let y = q; y < 2n ** 255n; y += 1n) {
  for (const sign of [0, 1]) {
    rawCase(`raw-ed25519-y-p-plus-${y - q}-sign-${sign}`, "Ed25519", encodedY(y, sign), "KEY_POINT_INVALID");
  }
}

const spkiCase = (id: string, bytes: Uint8Array, code: string | null, algorithm: "ES256" | "Ed25519" = "ES256"): void =>
  importCase(id, "public-spki", bytesToHex(bytes), code, algorithm);
const goodSpki = spki(P256_ID, point);
const edSpki = spki(ED_ID, A);
spkiCase("spki-p256", goodSpki, null);
spkiCase("spki-ed25519", edSpki, null, "Ed25519");
spkiCase("spki-empty", hex(""), "KEY_INVALID_DER");
spkiCase("spki-trailing", join(goodSpki, Uint8Array.of(0)), "KEY_INVALID_DER");
spkiCase("spki-truncated", goodSpki.subarray(0, -1), "KEY_INVALID_DER");
spkiCase("spki-long-length", join(hex("308159"), goodSpki.subarray(2)), "KEY_INVALID_DER");
spkiCase("spki-unused-bits", der(0x30, P256_ID, der(0x03, Uint8Array.of(1), point)), "KEY_INVALID_DER");
spkiCase("spki-extra-element", der(0x30, P256_ID, bits(point), hex("0500")), "KEY_INVALID_DER");
spkiCase("spki-infinity", spki(P256_ID, Uint8Array.of(0)), "KEY_INVALID_DER");
spkiCase("spki-compressed", spki(P256_ID, compressed), "KEY_UNSUPPORTED_ENCODING");
spkiCase("spki-hybrid", spki(P256_ID, join(Uint8Array.of(6 | Number(Y & 1n)), x, y)), "KEY_UNSUPPORTED_ENCODING");
spkiCase("spki-off-curve", spki(P256_ID, edge(X, Y ^ 1n)), "KEY_POINT_INVALID");
spkiCase("spki-ed25519-null-parameters", spki(hex("300706032b65700500"), A), "KEY_UNSUPPORTED_ALGORITHM");
spkiCase("spki-ed25519-small-order", spki(ED_ID, identity.toBytes()), "KEY_POINT_INVALID");
spkiCase("spki-p384", spki(P384_ID, join(Uint8Array.of(4), new Uint8Array(96))), "KEY_UNSUPPORTED_ALGORITHM");
spkiCase("spki-secp256k1", spki(K256_ID, point), "KEY_UNSUPPORTED_ALGORITHM");
spkiCase("spki-x25519", spki(X25519_ID, A), "KEY_UNSUPPORTED_ALGORITHM");
spkiCase("spki-ed448", spki(ED448_ID, new Uint8Array(57)), "KEY_UNSUPPORTED_ALGORITHM");
spkiCase("spki-rsa", spki(RSA_ID, new Uint8Array(270)), "KEY_UNSUPPORTED_ALGORITHM");

const ecPrivate = (...more: readonly Uint8Array[]): Uint8Array => der(0x30, hex("020101"), der(0x04, scalar), ...more);
const pkcs8 = (id: Uint8Array, inner: Uint8Array, version = 0): Uint8Array =>
  der(0x30, Uint8Array.of(2, 1, version), id, der(0x04, inner));
const publicHalf = der(0xa1, bits(point));
const goodPkcs8 = pkcs8(P256_ID, ecPrivate(publicHalf));
const edPkcs8 = pkcs8(ED_ID, der(0x04, seed));
const edPkcs8v2 = der(0x30, hex("020101"), ED_ID, der(0x04, der(0x04, seed)), der(0x81, Uint8Array.of(0), A));
const sec1 = ecPrivate(der(0xa0, P256_ID.subarray(11)), publicHalf);
const privateCase = (id: string, bytes: Uint8Array, code: string | null, algorithm: "ES256" | "Ed25519" = "ES256"): void =>
  importCase(id, "private-pkcs8", bytesToHex(bytes), code, algorithm);
spkiCase("spki-is-pkcs8", goodPkcs8, "KEY_PRIVATE_MATERIAL");
spkiCase("spki-is-pkcs8-ed25519", edPkcs8, "KEY_PRIVATE_MATERIAL");
spkiCase("spki-is-sec1", sec1, "KEY_PRIVATE_MATERIAL");
privateCase("pkcs8-p256", goodPkcs8, null);
privateCase("pkcs8-p256-no-public", pkcs8(P256_ID, ecPrivate()), null);
privateCase("pkcs8-ed25519", edPkcs8, null, "Ed25519");
privateCase("pkcs8-ed25519-public", edPkcs8v2, null, "Ed25519");
privateCase("pkcs8-trailing", join(goodPkcs8, Uint8Array.of(0)), "KEY_INVALID_DER");
privateCase("pkcs8-truncated", goodPkcs8.subarray(0, -1), "KEY_INVALID_DER");
privateCase("pkcs8-empty", hex(""), "KEY_INVALID_DER");
privateCase("pkcs8-is-spki", goodSpki, "KEY_INVALID_DER");
privateCase("pkcs8-wrong-bridge", pkcs8(P256_ID, ecPrivate(der(0xa2, bits(point)))), "KEY_INVALID_DER");
privateCase("pkcs8-sec1", sec1, "KEY_UNSUPPORTED_ENCODING");
privateCase("pkcs8-p256-mismatch", pkcs8(P256_ID, ecPrivate(der(0xa1, bits(p256.getPublicKey(fixed("other"), false))))), "KEY_MISMATCH");
privateCase("pkcs8-ed25519-mismatch", join(edPkcs8v2.subarray(0, -32), ed25519.getPublicKey(fixed("other"))), "KEY_MISMATCH");
privateCase("pkcs8-secp256k1", pkcs8(K256_ID, ecPrivate()), "KEY_UNSUPPORTED_ALGORITHM");
privateCase("pkcs8-rsa", pkcs8(RSA_ID, new Uint8Array(1000)), "KEY_UNSUPPORTED_ALGORITHM");
const scalarPkcs8 = (value: bigint): Uint8Array =>
  pkcs8(P256_ID, der(0x30, hex("020101"), der(0x04, numberToBytesBE(value, 32))));
privateCase("pkcs8-zero", scalarPkcs8(0n), "KEY_SCALAR_INVALID");
privateCase("pkcs8-n", scalarPkcs8(n), "KEY_SCALAR_INVALID");
privateCase("pkcs8-all-ones", scalarPkcs8(2n ** 256n - 1n), "KEY_SCALAR_INVALID");
importCase("pkcs8-attributes", "private-pem", [
  "-----BEGIN PRIVATE KEY-----",
  "MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC",
  "oB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrB",
  "Z9w7lshQhqowtrbLDFw4rXAxZuE=",
  "-----END PRIVATE KEY-----",
  "",
].join("\n"), "KEY_INVALID_DER");
for (const algorithm of ["ES256", "Ed25519"] as const) {
  const form = `private-raw-${algorithm}`;
  const secret = algorithm === "ES256" ? scalar : seed;
  importCase(`secret-${algorithm}`, form, bytesToHex(secret), null, algorithm);
  importCase(`secret-${algorithm}-short`, form, bytesToHex(secret.subarray(1)), "KEY_INVALID_RAW");
  importCase(`secret-${algorithm}-long`, form, bytesToHex(join(secret, secret)), "KEY_INVALID_RAW");
}
importCase("secret-ES256-zero", "private-raw-ES256", "00".repeat(32), "KEY_SCALAR_INVALID");
importCase("secret-ES256-n", "private-raw-ES256", n.toString(16), "KEY_SCALAR_INVALID");

const pemCase = (id: string, text: string, code: string | null, algorithm: "ES256" | "Ed25519" = "ES256"): void =>
  importCase(id, "public-pem", text, code, algorithm);
const goodPem = pem("PUBLIC KEY", goodSpki);
const lines = goodPem.split("\n");
const body = base64(goodSpki);
const block = (content: string): string => `-----BEGIN PUBLIC KEY-----\n${content}\n-----END PUBLIC KEY-----\n`;
pemCase("pem-p256", goodPem, null);
pemCase("pem-ed25519", pem("PUBLIC KEY", edSpki), null, "Ed25519");
pemCase("pem-crlf", pem("PUBLIC KEY", goodSpki, "\r\n"), null);
pemCase("pem-no-final-newline", goodPem.trimEnd(), null);
pemCase("pem-short-lines", block(body.replaceAll(/(.{10})/g, "$1\n")), null);
pemCase("pem-empty", "", "KEY_INVALID_PEM");
pemCase("pem-mixed-line-ends", goodPem.replace("\n", "\r\n"), "KEY_INVALID_PEM");
pemCase("pem-cr-only", pem("PUBLIC KEY", goodSpki, "\r"), "KEY_INVALID_PEM");
pemCase("pem-one-line", goodPem.replaceAll("\n", " "), "KEY_INVALID_PEM");
pemCase("pem-escaped", goodPem.replaceAll("\n", "\\n"), "KEY_INVALID_PEM");
pemCase("pem-bom", `\ufeff${goodPem}`, "KEY_INVALID_PEM");
pemCase("pem-leading-newline", `\n${goodPem}`, "KEY_INVALID_PEM");
pemCase("pem-leading-text", `# my key\n${goodPem}`, "KEY_INVALID_PEM");
pemCase("pem-trailing-text", `${goodPem}x`, "KEY_INVALID_PEM");
pemCase("pem-trailing-newlines", `${goodPem}\n`, "KEY_INVALID_PEM");
pemCase("pem-two-blocks", goodPem + goodPem, "KEY_INVALID_PEM");
pemCase("pem-blank-line", block(`${body.slice(0, 64)}\n\n${body.slice(64)}`), "KEY_INVALID_PEM");
pemCase("pem-rfc1421-header", block(`Proc-Type: 4\n\n${body}`), "KEY_INVALID_PEM");
pemCase("pem-indented", goodPem.replaceAll("\n", "\n "), "KEY_INVALID_PEM");
pemCase("pem-trailing-space", goodPem.replace("KEY-----\n", "KEY----- \n"), "KEY_INVALID_PEM");
pemCase("pem-tab", block(`${body.slice(0, 64)}\t\n${body.slice(64)}`), "KEY_INVALID_PEM");
pemCase("pem-lower-case", goodPem.replaceAll("PUBLIC KEY", "public key"), "KEY_INVALID_PEM");
pemCase("pem-other-end", goodPem.replace("END PUBLIC KEY", "END PRIVATE KEY"), "KEY_INVALID_PEM");
pemCase("pem-no-end", lines.slice(0, -2).join("\n"), "KEY_INVALID_PEM");
pemCase("pem-four-dashes", goodPem.replace("-----BEGIN", "----BEGIN"), "KEY_INVALID_PEM");
pemCase("pem-no-body", "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n", "KEY_INVALID_PEM");
pemCase("pem-padding-dropped", block(body.replaceAll("=", "")), "KEY_INVALID_PEM");
pemCase("pem-padding-in-line", block(`${body.slice(0, 62)}==\n${body.slice(64)}`), "KEY_INVALID_PEM");
pemCase("pem-stray-bits", block(body.replace(/.==$/, (end) => `${end === "A==" ? "B" : "/"}==`)), "KEY_INVALID_PEM");
pemCase("pem-url-alphabet", block(base64url(goodSpki)), "KEY_INVALID_PEM");
pemCase("pem-x509", pem("CERTIFICATE", goodSpki), "KEY_INVALID_PEM");
pemCase("pem-rsa-label", pem("RSA PUBLIC KEY", goodSpki), "KEY_INVALID_PEM");
pemCase("pem-private", pem("PRIVATE KEY", goodPkcs8), "KEY_PRIVATE_MATERIAL");
pemCase("pem-sec1", pem("EC PRIVATE KEY", sec1), "KEY_PRIVATE_MATERIAL");
pemCase("pem-encrypted-private", pem("ENCRYPTED PRIVATE KEY", goodPkcs8), "KEY_PRIVATE_MATERIAL");
pemCase("pem-mislabelled-private", pem("PUBLIC KEY", goodPkcs8), "KEY_PRIVATE_MATERIAL");
pemCase("pem-oversized", block("A".repeat(9000)), "KEY_INVALID_PEM");
const privatePem = (id: string, text: string, code: string | null, algorithm: "ES256" | "Ed25519" = "ES256"): void =>
  importCase(id, "private-pem", text, code, algorithm);
privatePem("private-pem-p256", pem("PRIVATE KEY", goodPkcs8), null);
privatePem("private-pem-ed25519", pem("PRIVATE KEY", edPkcs8), null, "Ed25519");
privatePem("private-pem-sec1", pem("EC PRIVATE KEY", sec1), "KEY_UNSUPPORTED_ENCODING");
privatePem("private-pem-pkcs1", pem("RSA PRIVATE KEY", goodPkcs8), "KEY_UNSUPPORTED_ENCODING");
privatePem("private-pem-encrypted", pem("ENCRYPTED PRIVATE KEY", goodPkcs8), "KEY_UNSUPPORTED_ENCODING");
privatePem("private-pem-openssh", pem("OPENSSH PRIVATE KEY", edPkcs8), "KEY_UNSUPPORTED_ENCODING");
privatePem("private-pem-public", goodPem, "KEY_INVALID_PEM");
privatePem("private-pem-two", pem("PRIVATE KEY", goodPkcs8).repeat(2), "KEY_INVALID_PEM");

const jwk = { kty: "EC", crv: "P-256", x: base64url(x), y: base64url(y) };
const okp = { kty: "OKP", crv: "Ed25519", x: base64url(A) };
const jwkCase = (id: string, input: object, code: string | null, algorithm: "ES256" | "Ed25519" = "ES256"): void =>
  importCase(id, "public-jwk", input, code, algorithm);
const { x: _x, ...withoutX } = jwk;
const { y: _y, ...withoutY } = jwk;
const { kty: _kty, ...withoutKty } = jwk;
const { crv: _crv, ...withoutCrv } = jwk;
jwkCase("jwk-p256", jwk, null);
jwkCase("jwk-ed25519", okp, null, "Ed25519");
jwkCase("jwk-all-members", { ...jwk, kid: "1", use: "sig", key_ops: ["verify"], alg: "ES256", ext: true, x5u: "https://a.example" }, null);
jwkCase("jwk-both-operations", { ...jwk, key_ops: ["sign", "verify"] }, null);
jwkCase("jwk-ed25519-eddsa", { ...okp, alg: "EdDSA" }, null, "Ed25519");
jwkCase("jwk-ed25519-alg", { ...okp, alg: "Ed25519" }, null, "Ed25519");
jwkCase("jwk-array", [jwk], "KEY_INVALID_JWK");
jwkCase("jwk-empty", {}, "KEY_INVALID_JWK");
jwkCase("jwk-no-kty", withoutKty, "KEY_INVALID_JWK");
jwkCase("jwk-no-crv", withoutCrv, "KEY_INVALID_JWK");
jwkCase("jwk-no-x", withoutX, "KEY_INVALID_JWK");
jwkCase("jwk-no-y", withoutY, "KEY_INVALID_JWK");
jwkCase("jwk-x-number", { ...jwk, x: 1 }, "KEY_INVALID_JWK");
jwkCase("jwk-x-array", { ...jwk, x: [jwk.x] }, "KEY_INVALID_JWK");
jwkCase("jwk-x-padded", { ...jwk, x: `${jwk.x}=` }, "KEY_INVALID_JWK");
jwkCase("jwk-x-stray-bits", { ...jwk, x: `${jwk.x.slice(0, -1)}${strayBits(jwk.x)}` }, "KEY_INVALID_JWK");
jwkCase("jwk-x-standard-alphabet", { ...jwk, x: `+${jwk.x.slice(1)}` }, "KEY_INVALID_JWK");
jwkCase("jwk-x-space", { ...jwk, x: ` ${jwk.x.slice(1)}` }, "KEY_INVALID_JWK");
jwkCase("jwk-x-short", { ...jwk, x: base64url(x.subarray(1)) }, "KEY_INVALID_JWK");
jwkCase("jwk-x-leading-zero", { ...jwk, x: base64url(join(Uint8Array.of(0), x)) }, "KEY_INVALID_JWK");
jwkCase("jwk-okp-with-y", { ...okp, y: jwk.y }, "KEY_INVALID_JWK");
jwkCase("jwk-okp-empty-y", { ...okp, y: "" }, "KEY_INVALID_JWK");
jwkCase("jwk-kid-number", { ...jwk, kid: 1 }, "KEY_INVALID_JWK");
jwkCase("jwk-off-curve", { ...jwk, y: jwk.x }, "KEY_POINT_INVALID");
jwkCase("jwk-zero", { ...jwk, x: "A".repeat(43), y: "A".repeat(43) }, "KEY_POINT_INVALID");
jwkCase("jwk-small-order", { ...okp, x: base64url(identity.toBytes()) }, "KEY_POINT_INVALID");
jwkCase("jwk-p384", { ...jwk, crv: "P-384" }, "KEY_UNSUPPORTED_ALGORITHM");
jwkCase("jwk-secp256k1", { ...jwk, crv: "secp256k1" }, "KEY_UNSUPPORTED_ALGORITHM");
jwkCase("jwk-x25519", { ...okp, crv: "X25519" }, "KEY_UNSUPPORTED_ALGORITHM");
jwkCase("jwk-okp-p256", { ...jwk, kty: "OKP" }, "KEY_UNSUPPORTED_ALGORITHM");
jwkCase("jwk-rsa", { kty: "RSA", n: "AQAB", e: "AQAB" }, "KEY_UNSUPPORTED_ALGORITHM");
jwkCase("jwk-lower-case", { ...jwk, kty: "ec" }, "KEY_UNSUPPORTED_ALGORITHM");
jwkCase("jwk-symmetric", { kty: "oct", k: base64url(fixed("k")) }, "KEY_PRIVATE_MATERIAL");
jwkCase("jwk-private", { ...jwk, d: base64url(scalar) }, "KEY_PRIVATE_MATERIAL");
jwkCase("jwk-empty-d", { ...jwk, d: "" }, "KEY_PRIVATE_MATERIAL");
jwkCase("jwk-null-d", { ...jwk, d: null }, "KEY_PRIVATE_MATERIAL");
jwkCase("jwk-rsa-private", { kty: "RSA", n: "AQAB", e: "AQAB", p: "AQAB" }, "KEY_PRIVATE_MATERIAL");
jwkCase("jwk-use-enc", { ...jwk, use: "enc" }, "KEY_USE_MISMATCH");
jwkCase("jwk-use-null", { ...jwk, use: null }, "KEY_USE_MISMATCH");
jwkCase("jwk-alg-other", { ...jwk, alg: "ES384" }, "KEY_USE_MISMATCH");
jwkCase("jwk-alg-none", { ...jwk, alg: "none" }, "KEY_USE_MISMATCH");
jwkCase("jwk-alg-hs256", { ...jwk, alg: "HS256" }, "KEY_USE_MISMATCH");
jwkCase("jwk-alg-eddsa-on-p256", { ...jwk, alg: "EdDSA" }, "KEY_USE_MISMATCH");
jwkCase("jwk-ops-sign-only", { ...jwk, key_ops: ["sign"] }, "KEY_USE_MISMATCH");
jwkCase("jwk-ops-empty", { ...jwk, key_ops: [] }, "KEY_USE_MISMATCH");
jwkCase("jwk-ops-derive", { ...jwk, key_ops: ["verify", "deriveKey"] }, "KEY_USE_MISMATCH");
jwkCase("jwk-ops-twice", { ...jwk, key_ops: ["verify", "verify"] }, "KEY_USE_MISMATCH");
jwkCase("jwk-ops-text", { ...jwk, key_ops: "verify" }, "KEY_USE_MISMATCH");
const privateJwk = (id: string, input: object, code: string | null, algorithm: "ES256" | "Ed25519" = "ES256"): void =>
  importCase(id, "private-jwk", input, code, algorithm);
const secretJwk = { ...jwk, d: base64url(scalar) };
const secretOkp = { ...okp, d: base64url(seed) };
privateJwk("private-jwk-p256", { ...secretJwk, use: "sig", key_ops: ["sign"] }, null);
privateJwk("private-jwk-ed25519", secretOkp, null, "Ed25519");
privateJwk("private-jwk-no-d", jwk, "KEY_INVALID_JWK");
privateJwk("private-jwk-no-y", { ...withoutY, d: secretJwk.d }, "KEY_INVALID_JWK");
privateJwk("private-jwk-short-d", { ...jwk, d: base64url(scalar.subarray(1)) }, "KEY_INVALID_JWK");
privateJwk("private-jwk-zero", { ...jwk, d: "A".repeat(43) }, "KEY_SCALAR_INVALID");
privateJwk("private-jwk-n", { ...jwk, d: base64url(numberToBytesBE(n, 32)) }, "KEY_SCALAR_INVALID");
privateJwk("private-jwk-other-d", { ...jwk, d: base64url(fixed("other")) }, "KEY_MISMATCH");
privateJwk("private-jwk-negated", { ...jwk, d: base64url(numberToBytesBE(n - bytesToNumberLE(scalar.toReversed()), 32)) }, "KEY_MISMATCH");
privateJwk("private-jwk-other-seed", { ...okp, d: base64url(fixed("other")) }, "KEY_MISMATCH");
privateJwk("private-jwk-verify-only", { ...secretJwk, key_ops: ["verify"] }, "KEY_USE_MISMATCH");
write("key-imports.json", {
  note: "form says which importer; input is hex (raw, spki, pkcs8), text (pem) or an object (jwk). code null: accepted, and the public key has this fingerprint.",
  cases: imports,
});

/** The last character with its lowest, unused bit flipped. */
function strayBits(text: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return alphabet.charAt(alphabet.indexOf(text.slice(-1)) ^ 1);
}

function write(file: string, content: object): void {
  const text = JSON.stringify({ source: "make-vectors.ts", ...content }, undefined, 1);
  writeFileSync(new URL(file, import.meta.url), `${text}\n`);
}
