import { provisionPins, type StoredPin, toolSubject, writeToolLock } from "@symbiont/schemapin";
import { FilePinStore } from "@symbiont/schemapin/file-pin-store";
import type { Answer, Task } from "../../program/task.ts";
import { writePublic } from "../../program/write-file.ts";
import { readPublicKey } from "./sign.ts";
import { readToolList } from "./tool-list.ts";

/** `schemapin lock`. */
export async function lockTools(
  { server, out }: { readonly server: string; readonly out?: string },
  task: Task,
  file = "",
): Promise<Answer | undefined> {
  const tools = await readToolList(file, task);
  const text = writeToolLock(tools, server);
  if (out === undefined) {
    await task.raw(text.endsWith("\n") ? text : `${text}\n`);
    return undefined;
  }
  await writePublic(out, text);
  return { data: { out, tools: tools.length }, lines: [["ok", `${tools.length} tools locked: ${out}`]] };
}

/** `schemapin pin list`. */
export async function listPins({ pins }: { readonly pins: string }): Promise<Answer> {
  const stored = await new FilePinStore(pins).list();
  const sorted = stored.toSorted((one, other) => subjectOf(one).localeCompare(subjectOf(other)));
  return {
    data: sorted.map(({ id, pin }) => ({
      ...id,
      fingerprint: pin.fingerprint ?? null,
      digest: pin.digest ?? null,
      trust: pin.trust,
      approvedBy: pin.approvedBy ?? null,
      firstSeen: new Date(pin.firstSeen).toISOString(),
    })),
    lines:
      sorted.length === 0
        ? ["no pins"]
        : sorted.map(
            (one) => `${one.pin.trust.padEnd(11)}  ${subjectOf(one)}  ${one.pin.fingerprint ?? "unsigned"}`,
          ),
  };
}

/** `schemapin pin approve`. */
export async function pinTools(
  options: {
    readonly pins: string;
    readonly domain: string;
    readonly server: string;
    readonly key: string;
    readonly by: string;
  },
  task: Task,
  file = "",
): Promise<Answer> {
  const { pins, domain, server, key, by } = options;
  const { fingerprint } = await readPublicKey(key, task);
  const tools = await readToolList(file, task);
  const provisions = tools.map((tool) => ({
    id: { kind: "tool" as const, domain, subject: toolSubject(server, tool.name) },
    fingerprint,
    tool,
  }));
  await provisionPins(new FilePinStore(pins), provisions, { approvedBy: by });
  return { data: { pinned: tools.map(({ name }) => name) }, lines: [["ok", `${tools.length} tools pinned`]] };
}

/** `schemapin pin remove`. */
export async function removePin(
  { pins, domain, server }: { readonly pins: string; readonly domain: string; readonly server: string },
  _: Task,
  tool = "",
): Promise<Answer> {
  const store = new FilePinStore(pins);
  const id = { kind: "tool" as const, domain, subject: toolSubject(server, tool) };
  const removed = (await store.get(id)) !== undefined;
  await store.remove([id]);
  return {
    data: { tool, removed },
    lines: [removed ? ["ok", `${tool} is forgotten`] : ["bad", `${tool} was not pinned`]],
    no: !removed,
  };
}

function subjectOf({ id }: StoredPin): string {
  return `${id.domain} ${id.subject}`;
}
