import { readFileSync, readlinkSync } from "node:fs";
import type { JsonValue } from "@symbiont/kit";
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
  return { [LABEL]: "1", [OWNER]: ownerOf(process.pid), [EXPIRY]: String(now + wallMs + GRACE_MS) };
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
  if (now > expiry) return true;
  const [pid, , place] = owner.split("/");
  return place === placeOf() && ownerOf(Number(pid)) !== owner;
}

/** Process id, when it began, and where: a number alone may be somebody else's by now. */
function ownerOf(pid: number): string {
  return `${pid}/${startOf(pid)}/${placeOf()}`;
}

function startOf(pid: number): string {
  try {
    // The name of the program, in brackets, may hold anything.
    return (
      readFileSync(`/proc/${pid}/stat`, "latin1")
        .replace(/^.*\) /s, "")
        .split(" ")[19] ?? ""
    );
  } catch {
    return "";
  }
}

let place: string | undefined;

function placeOf(): string {
  if (place === undefined)
    try {
      const boot = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
      place = `${boot}:${readlinkSync("/proc/self/ns/pid")}`;
    } catch {
      place = "";
    }
  return place;
}
