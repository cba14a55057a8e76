import { MemoryPinStore, parseToolSidecar, SchemaPinToolVerifier } from "@symbiont/schemapin";
import { readInput, readJson } from "../../program/read-input.ts";
import type { Answer, Task } from "../../program/task.ts";
import type { Mark } from "../../program/terminal.ts";
import { readToolList } from "./tool-list.ts";

const MARKS: Readonly<Record<"allow" | "warn" | "block", Mark>> = { allow: "ok", warn: "warn", block: "bad" };

/** `schemapin verify`. */
export async function verifyToolList(
  options: {
    readonly domain: string;
    readonly server: string;
    readonly discovery?: string;
    readonly revocation?: string;
    readonly signatures?: string;
    readonly pins?: string;
  },
  task: Task,
  file = "",
): Promise<Answer> {
  const { domain, server, discovery, revocation, signatures, pins } = options;
  const documents =
    discovery === undefined
      ? { resolver: new (await import("@symbiont/schemapin/well-known-resolver")).WellKnownResolver() }
      : { discovery: await readJson(discovery, task) };
  const trust = {
    domain,
    ...documents,
    ...(revocation !== undefined && { revocation: await readJson(revocation, task) }),
    ...(signatures !== undefined && { envelopes: parseToolSidecar(await readInput(signatures, task)).tools }),
  };
  const verifier = new SchemaPinToolVerifier({
    servers: new Map([[server, trust]]),
    pins:
      pins === undefined
        ? new MemoryPinStore()
        : new (await import("@symbiont/schemapin/file-pin-store")).FilePinStore(pins),
    mode: "strict",
    ...(pins === undefined && { firstUse: "trust" as const }),
  });
  const { tools, findings } = await verifier.admit(await readToolList(file, task), server);
  const blocked = findings.filter(({ action }) => action === "block").length;
  return {
    data: {
      admitted: tools.map(({ definition }) => definition.name),
      findings: findings.map((one) => ({ ...one })),
    },
    lines: [
      ...findings.map(
        ({ tool, action, code, reason }) => [MARKS[action], `${tool}: ${code}, ${reason}`] as const,
      ),
      [blocked === 0 ? "ok" : "bad", `${tools.length} admitted, ${blocked} blocked`],
    ],
    no: blocked > 0,
  };
}
