import { AuditLog } from "@symbiont/audit";
import { createGuard, type Guard } from "@symbiont/core/guard";
import type { Bench } from "../../../scripts/bench/bench.ts";
import { type GuardedFolder, guardedFolder } from "../test/guard/guarded-folder.ts";

const CALLERS = 64;
const CALLS_OF_EACH = 8;

/** A guard with every stage real, whose caller has an API key. */
async function openGuard(home: GuardedFolder, failureMode: "strict" | "permissive"): Promise<Guard> {
  const guard = await createGuard(
    {
      ...home.config,
      rate: { limits: [{ count: 1_000_000_000, periodMs: 1000 }] },
      tools: { ...home.config.tools, pins: `${failureMode}-pins.json` },
      audit: { ...home.config.audit, folder: failureMode, anchor: `${failureMode}-checkpoint`, failureMode },
    },
    { directory: home.folder, env: {} },
  );
  await guard.gate.verifyTools(home.offered, "files");
  return guard;
}

export const benches = async (): Promise<readonly Bench[]> => {
  const home = await guardedFolder();
  process.once("exit", () => home.remove());
  const permissive = await openGuard(home, "permissive");
  const strict = await openGuard(home, "strict");
  const call = {
    id: "call-1",
    server: "files",
    tool: "read_file",
    arguments: '{"path":"/srv/notes.txt"}',
    credential: home.apiKey,
  };
  const tool = ({ path }: { path?: unknown }): unknown => path;
  const run = async (guard: Guard): Promise<void> => {
    const result = await guard.gate.run(call, ({ arguments: given }) => tool(given));
    if (result.denied) throw new Error(result.code);
  };
  // Each caller makes its next call when the last one is over, as 64 agents would.
  const many = async (work: () => Promise<unknown>): Promise<unknown> =>
    Promise.all(
      Array.from({ length: CALLERS }, async () => {
        for (let made = 0; made < CALLS_OF_EACH; made += 1) await work();
      }),
    );
  const direct = async (): Promise<unknown> => tool(JSON.parse(call.arguments) as { path?: unknown });
  const { audit } = strict;
  if (!(audit instanceof AuditLog)) throw new Error("the journal is not a journal");
  const record = { type: "tool.call", outcome: "attempt", actor: { kind: "agent", id: "agent-7" } } as const;
  return [
    {
      name: "one allowed call, every stage real, permissive audit",
      ours: async () => run(permissive),
      floor: direct,
      floorName: "parse and run, no gate; goal is 150 µs absolute for ours",
    },
    {
      name: `${CALLERS} callers with ${CALLS_OF_EACH} calls each, every stage real, strict audit`,
      ours: async () => many(async () => run(strict)),
      floor: async () =>
        many(async () => {
          await audit.append(record);
          await audit.append(record);
        }),
      floorName: "their durable records alone; goal is 51,200 µs absolute for ours: 10,000 calls a second",
    },
  ];
};
