import { exportPrivateKeyPem } from "@symbiont/keys";
import { World } from "../world.ts";

/** A world whose time is that of the machine, which the references go by, with documents that they read. */
export function nowWorld(): World & { readonly pem: string } {
  const world = new World();
  world.now = Math.floor(Date.now() / 1000);
  const written = new Date(world.now * 1000 - 3_600_000).toISOString();
  Object.assign(world.discovery, { updated_at: written });
  Object.assign(world.revocation, {
    updated_at: written,
    revoked_credentials: [],
    revoked_agents: [],
    revoked_keys: [],
  });
  return Object.assign(world, { pem: exportPrivateKeyPem(world.key) });
}
