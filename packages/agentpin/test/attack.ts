import { derToRaw } from "@symbiont/keys";
import { said, World } from "./world.ts";

export const encode = (text: string): string => Buffer.from(text).toString("base64url");
export const HEADER = '{"alg":"ES256","typ":"agentpin-credential+jwt","kid":"k1"}';
export const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** What becomes of a token in a world of its own, with some changes. */
export async function judge(change: (world: World) => string, options: object = {}): Promise<string> {
  const world = new World();
  const token = change(world);
  return said(await world.verifier(options).verify(token));
}

/** The parts of a token of the world's, and its signature as r and s. */
export function partsOf(world: World, more: object = {}) {
  const token = world.token(more);
  const cut = token.lastIndexOf(".");
  const raw = derToRaw(new Uint8Array(Buffer.from(token.slice(cut + 1), "base64url")));
  return { token, input: token.slice(0, cut), raw };
}

export const withSignature = (input: string, bytes: Uint8Array): string =>
  `${input}.${Buffer.from(bytes).toString("base64url")}`;
