import fc from "fast-check";
import { START, World } from "./world.ts";

const world = new World();
const sound = world.token();
const alphabet = Array.from(
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n\u0000é{}"[]:,',
);
const encode = (text: string): string => Buffer.from(text).toString("base64url");

const claims = { ...world.claims(), nbf: START, constraints: {}, delegation_chain: [], nonce: "n", cnf: {} };
const anyJson = fc.jsonValue({ maxDepth: 3 });

/** A token with one thing changed: a character, a part, a claim, its structure. */
const mutated = fc.oneof(
  fc
    .tuple(fc.nat(sound.length - 1), fc.constantFrom(...alphabet), fc.integer({ min: 0, max: 3 }))
    .map(([at, unit, removed]) => sound.slice(0, at) + unit + sound.slice(at + removed)),
  fc
    .tuple(fc.nat(sound.length), fc.nat(sound.length))
    .map(([a, b]) => sound.slice(Math.min(a, b), Math.max(a, b))),
  fc
    .tuple(fc.constantFrom(...Object.keys(claims)), anyJson)
    .map(([name, value]) => world.token({ [name]: value })),
  fc.tuple(fc.json(), fc.json(), fc.string()).map((parts) => parts.map(encode).join(".")),
  fc
    .tuple(fc.constantFrom("alg", "typ", "kid", "crit", "jwk", "__proto__", "valid"), anyJson)
    .map(([name, value]) => {
      const header = { alg: "ES256", typ: "agentpin-credential+jwt", kid: "k1", [name]: value };
      const [, payload, signature] = sound.split(".");
      return `${encode(JSON.stringify(header))}.${payload}.${signature}`;
    }),
);

/** Whatever somebody may send: garbage, things that are no text, and tokens that are almost right. */
export const anyToken: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 6, arbitrary: mutated },
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 300 }) },
  { weight: 1, arbitrary: fc.anything() },
);

/** The world that the tokens are of, and the one of them that nothing is wrong with. */
export const tokenWorld: World = world;
export const soundToken: string = sound;
