// A code interpreter: what the model writes runs in a sandbox without network, host files or secrets, behind the gate.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createGuard } from "@symbiont/core/guard";
import { namespaceTier } from "@symbiont/sandbox";
import { startModelServer } from "model-server";

const runPython = {
  name: "run_python",
  description: "Runs a Python 3 program, and gives its output.",
  inputSchema: {
    type: "object",
    properties: { code: { type: "string", maxLength: 20_000 } },
    required: ["code"],
    additionalProperties: false,
  },
};

/** Programs as a model might write them: one is useful, the others try what they should not. */
const programs = [
  "print(sum(n * n for n in range(1, 11)))",
  "import os; print(sorted(os.environ)); print(os.path.exists('/etc/shadow'), os.listdir('/workspace'))",
  "import socket; socket.create_connection(('127.0.0.1', 80), 2)",
  "while True: pass",
  "x = bytearray(1 << 30)",
];

interface Message {
  readonly role: string;
  readonly content?: string | null;
  readonly tool_calls?: readonly {
    readonly id: string;
    readonly function: { name: string; arguments: string };
  }[];
  readonly tool_call_id?: string;
}

/** Why code cannot be run on this machine, or nothing. */
export async function missing(): Promise<string | undefined> {
  const probe = await namespaceTier().probe();
  return probe.available ? undefined : [...probe.problems, ...probe.advice].join("; ");
}

export async function main(say: (line: string) => void): Promise<void> {
  const reason = await missing();
  if (reason !== undefined) return say(`skipped: ${reason}`);
  const folder = mkdtempSync(join(tmpdir(), "code-interpreter-"));
  const guard = await createGuard(
    {
      identity: { fixed: { kind: "agent", id: "analyst" } },
      tools: { own: ["interpreter"], pins: "pins.json", servers: {} },
      policy: { folder: fileURLToPath(new URL("policies", import.meta.url)) },
      audit: {
        folder: "journal",
        origin: "example.com/code-interpreter/audit/1",
        key: "ephemeral",
        anchor: "anchor",
      },
      sandbox: {
        tier: "namespace",
        limits: { wallMs: 10_000, cpuSeconds: 1, memoryBytes: 256 * 1024 * 1024 },
      },
    },
    { directory: folder },
  );
  const { gate, sandbox } = guard;
  if (sandbox === undefined) throw new Error("no sandbox");
  await gate.verifyTools([runPython], "interpreter");

  const model = await startModelServer({
    "Try everything.": [
      ...programs.map((code) => ({ calls: [{ tool: "run_python", arguments: { code } }] })),
      { says: "The sum of the squares is 385." },
    ],
  });
  const messages: Message[] = [{ role: "user", content: "Try everything." }];
  for (;;) {
    const response = await fetch(`${model.url}/chat/completions`, {
      method: "POST",
      body: JSON.stringify({ model: "scripted", messages }),
    });
    const { choices } = (await response.json()) as { choices: { message: Message }[] };
    const message = choices[0]?.message ?? { role: "assistant", content: "" };
    messages.push(message);
    if (message.tool_calls === undefined) {
      say(`model: ${message.content ?? ""}`);
      break;
    }
    for (const {
      id,
      function: { name, arguments: given },
    } of message.tool_calls) {
      const result = await gate.run(
        { id, server: "interpreter", tool: name, arguments: given },
        async ({ arguments: { code } }) => {
          const { status, exitCode, stdout, stderr } = await sandbox.run({
            interpreter: "python3",
            code: code as string,
          });
          return {
            status,
            exitCode,
            stdout: stdout.text().trim(),
            error: stderr.text().trim().split("\n").at(-1),
          };
        },
      );
      const content = JSON.stringify(result.denied ? result : result.value);
      say(`${JSON.parse(given).code}\n  ${content}`);
      messages.push({ role: "tool", tool_call_id: id, content });
    }
  }
  await model.close();
  await guard.close();
  rmSync(folder, { recursive: true, force: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(console.log);
