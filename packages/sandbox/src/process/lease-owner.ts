import { createHash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";

/** Names this process for what it begins elsewhere: process id, when it began, and where. A number alone may be reused. */
export function thisHost(): string {
  return ownerOf(process.pid);
}

/**
 * Whether the process of that name is known to be gone. That can be seen only where it ran: in this boot and in this
 * process namespace. Of all others nothing is known, and the answer is no.
 */
export function isGone(owner: string): boolean {
  const [pid, , place] = owner.split("/");
  return placeOf() !== "" && place === placeOf() && ownerOf(Number(pid)) !== owner;
}

/** The same as {@link thisHost}, as a part of a file's name. */
export function thisHostInShort(): string {
  return inShort(thisHost());
}

/** The same as {@link isGone} for such a name. */
export function isGoneInShort(owner: string): boolean {
  const [pid, , place] = owner.split("-");
  const now = inShort(ownerOf(Number(pid)));
  return placeOf() !== "" && now !== owner && now.split("-")[2] === place;
}

function inShort(owner: string): string {
  const [pid, start, where = ""] = owner.split("/");
  return `${pid}-${start}-${createHash("sha256").update(where).digest("hex").slice(0, 16)}`;
}

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
