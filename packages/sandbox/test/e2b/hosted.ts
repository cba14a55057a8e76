import type { SecretHandle } from "@symbiont/kit";
import { e2bTier } from "@symbiont/sandbox/e2b";
import type { TriedTier } from "../tiers.ts";
import { E2bServer } from "./e2b-server.ts";

/** A secret that lends its bytes, as the ones of `@symbiont/secrets` do. */
export function secretOf(text: string): SecretHandle {
  return {
    use: async (use) => {
      const bytes = new TextEncoder().encode(text);
      try {
        return await use(bytes);
      } finally {
        bytes.fill(0);
      }
    },
  };
}

/** The hosted tier, before a server of its own that ends with this process. */
export async function hosted(): Promise<TriedTier> {
  const server = await E2bServer.start();
  if (typeof server === "string") {
    const tier = e2bTier({ apiKey: secretOf("none"), template: "none" });
    return { name: "e2b", tier, why: ` (skipped: ${server})` };
  }
  server.unref();
  const { template, endpoint } = server;
  return { name: "e2b", tier: e2bTier({ apiKey: secretOf(server.apiKey), template, endpoint }), why: "" };
}
