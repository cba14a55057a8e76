import type { JsonValue } from "@symbiont/kit";
import { isGone, thisHost } from "../../process/lease-owner.ts";
import { type EngineClient, field, textField } from "./engine-client.ts";

const LABEL = "symbiont.sandbox";
const OWNER = `${LABEL}.owner`;
const EXPIRY = `${LABEL}.expiry`;
/** How much longer than its run a container may be there before anybody takes it for abandoned. */
const GRACE_MS = 60_000;
/** Containers of a killed host that are removed at once. */
const MAX_REAPED = 100;

/** Labels that say whose a container is, and until when. */
export function leaseLabels(wallMs: number, now: number): Readonly<Record<string, string>> {
  return { [LABEL]: "1", [OWNER]: thisHost(), [EXPIRY]: String(now + wallMs + GRACE_MS) };
}

/**
 * Removes the containers of hosts that were killed. Whether a host lives can be seen only where it ran: in this boot
 * and in this process namespace; of all others the time is up or not. Nothing without the labels is touched.
 */
export async function reapContainers(engine: EngineClient, now: number): Promise<number> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`${LABEL}=1`] }));
  const { body } = await engine.call({ method: "GET", path: `/containers/json?all=1&filters=${filters}` });
  const listed: readonly JsonValue[] = Array.isArray(body) ? body : [];
  const abandoned = listed.filter((entry) => {
    const labels = field(entry, "Labels");
    return isAbandoned(textField(labels, OWNER), Number(field(labels, EXPIRY)), now);
  });
  const ids = abandoned.slice(0, MAX_REAPED).map((entry) => textField(entry, "Id"));
  await Promise.all(ids.map(async (id) => removeContainer(engine, id)));
  return ids.length;
}

/** Ends and removes a container. One that is gone already is fine. */
export async function removeContainer(engine: EngineClient, id: string): Promise<void> {
  const path = `/containers/${encodeURIComponent(id)}?force=1&v=1`;
  // 409: somebody else is removing it.
  await engine.call({ method: "DELETE", path, expected: [204, 404, 409] });
}

function isAbandoned(owner: string, expiry: number, now: number): boolean {
  return now > expiry || isGone(owner);
}
