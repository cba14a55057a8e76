import {
  sign as bareSign,
  verify as bareVerify,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
} from "node:crypto";
import { generateKeyPair, sign } from "@symbiont/keys";
import { createWebhookVerifier, type Jwk } from "@symbiont/webhook-verify";
import { discord } from "@symbiont/webhook-verify/presets/discord";
import { jwt } from "@symbiont/webhook-verify/presets/jwt";
import { sendgrid } from "@symbiont/webhook-verify/presets/sendgrid";
import type { Bench } from "../../../scripts/bench/bench.ts";

const now = (): number => 1_700_000_000_000;
const TIME = "1700000000";

const WARM_UP_CALLS = 5000;

/**
 * Keys and signatures are made on request, so that listing benches costs nothing. Each path is warmed up first:
 * a measurement holds only some hundred calls, too few for the compiler to look at the code around the primitive.
 */
export async function benches(): Promise<readonly Bench[]> {
  const all = [...overBody(), ...tokens()];
  for (const { ours } of all) for (let call = 0; call < WARM_UP_CALLS; call += 1) await ours();
  return all;
}

function overBody(): Bench[] {
  const rawBody = new Uint8Array(randomBytes(2048));
  const message = Buffer.concat([Buffer.from(TIME), rawBody]);

  const ed = generateKeyPair("Ed25519");
  const edSignature = sign(ed.privateKey, message);
  const edKey = createPublicKey(ed.publicKey.toPem());
  const interactions = createWebhookVerifier(discord, { publicKeys: [ed.publicKey], now });
  const interaction = {
    rawBody,
    headers: {
      "x-signature-ed25519": Buffer.from(edSignature).toString("hex"),
      "x-signature-timestamp": TIME,
    },
  };

  const ec = generateKeyPair("ES256");
  const ecSignature = sign(ec.privateKey, message);
  const ecKey = createPublicKey(ec.publicKey.toPem());
  const events = createWebhookVerifier(sendgrid, { publicKeys: [ec.publicKey], now });
  const event = {
    rawBody,
    headers: {
      "x-twilio-email-event-webhook-signature": Buffer.from(ecSignature).toString("base64"),
      "x-twilio-email-event-webhook-timestamp": TIME,
    },
  };
  return [
    {
      name: "discord (Ed25519), 2 KiB",
      ours: () => interactions.verify(interaction),
      floor: () => bareVerify(null, message, edKey, edSignature),
      floorName: "crypto.verify, cached KeyObject",
      maxFloorRatio: 1.15,
    },
    {
      name: "sendgrid (ECDSA P-256), 2 KiB",
      ours: () => events.verify(event),
      floor: () => bareVerify("sha256", message, ecKey, ecSignature),
      floorName: "crypto.verify, cached KeyObject, DER",
      maxFloorRatio: 1.15,
    },
  ];
}

function tokens(): Bench[] {
  const rawBody = new Uint8Array(0);
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const payload = part({
    iss: "https://issuer.example",
    aud: "hooks",
    iat: 1_699_999_990,
    exp: 1_700_000_290,
  });
  const rules = { issuer: "https://issuer.example", audience: "hooks", now };
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const ec = generateKeyPair("ES256");
  const ed = generateKeyPair("Ed25519");
  const rsaSign = (input: string): Buffer => bareSign("RSA-SHA256", Buffer.from(input), rsa.privateKey);
  const cases = [
    {
      alg: "ES256",
      jwk: ec.publicKey.toJwk() as Jwk,
      sign: (input: string) => sign(ec.privateKey, input, { format: "raw" }),
    },
    { alg: "EdDSA", jwk: ed.publicKey.toJwk() as Jwk, sign: (input: string) => sign(ed.privateKey, input) },
    { alg: "RS256", jwk: rsa.publicKey.export({ format: "jwk" }) as Jwk, sign: rsaSign },
  ] as const;
  return cases.flatMap(({ alg, jwk, sign }): Bench[] => {
    const input = `${part({ alg, kid: "k" })}.${payload}`;
    const signature = sign(input);
    const message = Buffer.from(input);
    const key = createPublicKey({ key: jwk as never, format: "jwk" });
    const bare = alg === "ES256" ? ({ key, dsaEncoding: "ieee-p1363" } as const) : key;
    const digest = alg === "EdDSA" ? null : "sha256";
    const verifier = createWebhookVerifier(jwt, {
      ...rules,
      algorithms: [alg],
      keys: [{ ...jwk, kid: "k" }],
    });
    const headers = { authorization: `Bearer ${input}.${Buffer.from(signature).toString("base64url")}` };
    const token = headers.authorization.slice("Bearer ".length);
    /** What any verifier has to do: take the token apart, read both parts, and verify what was signed. */
    const least = (): boolean => {
      const [header = "", claims = "", signed = ""] = token.split(".");
      JSON.parse(Buffer.from(header, "base64url").toString());
      JSON.parse(Buffer.from(claims, "base64url").toString());
      const input = Buffer.from(`${header}.${claims}`, "latin1");
      return bareVerify(digest, input, bare, Buffer.from(signed, "base64url"));
    };
    const ours = (): Promise<unknown> => verifier.verify({ rawBody, headers });
    return [
      {
        name: `token, ${alg}`,
        ours,
        floor: () => bareVerify(digest, message, bare, signature),
        floorName: "crypto.verify, cached KeyObject",
        maxFloorRatio: 1.15,
      },
      {
        name: `token, ${alg}, beside the least there is to do`,
        ours,
        floor: least,
        floorName: "split, base64url, JSON.parse, crypto.verify, and no check",
        maxFloorRatio: 1.15,
      },
    ];
  });
}
