import { createWorkspaceTools, Workspace, type WorkspaceSandbox } from "@mastra/core/workspace";
import { type MastraSandbox, workspaceSandbox } from "@symbiont/adapters/mastra/v1/sandbox";
import { namespaceTier } from "@symbiont/sandbox";
import { afterEach, expect, test } from "vitest";

const { available, problems } = await namespaceTier().probe();
const why = available ? "" : ` (skipped: ${problems.join("; ")})`;
const open: MastraSandbox[] = [];
const make = (): MastraSandbox => {
  const sandbox = workspaceSandbox({ tier: namespaceTier(), limits: { wallMs: 5_000 } });
  open.push(sandbox);
  return sandbox;
};
afterEach(async () => {
  for (const sandbox of open.splice(0)) await sandbox.destroy();
});

test.skipIf(why !== "")(`a Mastra workspace runs its commands in a session${why}`, async () => {
  // That this compiles is the test of the shape.
  const sandbox: WorkspaceSandbox = make();
  const workspace = new Workspace({ sandbox });
  await workspace.init();
  expect(sandbox.status).toBe("running");
  const tools = await createWorkspaceTools(workspace);
  const tool = Object.entries(tools).find(([name]) => name.endsWith("execute_command"))?.[1] as {
    execute(input: object, context: object): Promise<unknown>;
  };
  const said = await tool.execute(
    { command: "pwd; echo x > f; cat f; cat /etc/shadow 2>&1; exit 3" },
    { workspace },
  );
  expect(JSON.stringify(said)).toContain("/workspace");
  expect(JSON.stringify(said)).toContain("3");
  expect(JSON.stringify(said)).not.toContain("root:");
  await workspace.destroy();
  expect(sandbox.status).toBe("destroyed");
});

test.skipIf(why !== "")(`tells how a command ended, with the newest of its output${why}`, async () => {
  const sandbox = make();
  const seen: string[] = [];
  const result = await sandbox.executeCommand("printf '%s|' \"$NAME\"", ["a b", "$(id)", "'\""], {
    env: { NAME: "n", NONE: undefined },
    onStdout: (data) => {
      seen.push(data);
      throw new Error("listener");
    },
  });
  expect(result).toMatchObject({ success: true, exitCode: 0, stdout: "n|a b|$(id)|'\"|", timedOut: false });
  expect(seen.join("")).toBe("n|a b|$(id)|'\"|");
  const cut = await sandbox.executeCommand("printf 0123456789; exit 2", [], { maxRetainedBytes: 4 });
  expect(cut).toMatchObject({
    success: false,
    exitCode: 2,
    stdout: "6789",
    stdoutTruncated: true,
    stdoutDroppedBytes: 6,
  });
  const late = await sandbox.executeCommand("echo early; sleep 30", [], { timeout: 300 });
  expect(late).toMatchObject({ exitCode: -1, timedOut: true, killed: true, stdout: "early\n" });
  expect(late.stderr).toBe("\n[sandbox: ended with timeout]");
  const stopped = await sandbox.executeCommand("sleep 30", [], { abortSignal: AbortSignal.timeout(200) });
  expect(stopped).toMatchObject({ exitCode: -1, timedOut: false, killed: true });
});

test.skipIf(why !== "")(`writes files into the workspace and nowhere else${why}`, async () => {
  const sandbox = make();
  await sandbox.writeFiles([
    { path: "/workspace/a/text", content: "text" },
    { path: "bytes", content: Buffer.from([0, 255]) },
  ]);
  expect((await sandbox.executeCommand("cat a/text; wc -c < bytes")).stdout.trim()).toBe("text2");
  expect((await sandbox.executeCommand("pwd", [], { cwd: "a" })).stdout).toBe("/workspace/a\n");
  for (const path of ["/etc/passwd", "../x", ""])
    await expect(sandbox.writeFiles([{ path, content: "x" }])).rejects.toMatchObject({
      code: "SANDBOX_INVALID_ARGUMENT",
    });
  await expect(sandbox.writeFiles([{ path: "f", content: "x", mode: 0o600 }])).rejects.toMatchObject({
    code: "ADAPTER_SANDBOX_UNSUPPORTED",
  });
});

test("a tier that is not there is an error of the sandbox, and the next command tries again", async () => {
  let tries = 0;
  const tier = namespaceTier();
  const failing = Object.assign(Object.create(tier) as typeof tier, {
    name: tier.name,
    sessionEnforcement: () => tier.sessionEnforcement(),
    createWorkspace: async () => {
      tries += 1;
      throw new Error("not there");
    },
  });
  const sandbox = workspaceSandbox({ tier: failing });
  await expect(sandbox.start()).rejects.toThrow("not there");
  expect([sandbox.status, sandbox.error]).toEqual(["error", "not there"]);
  await expect(sandbox.executeCommand("true")).rejects.toThrow("not there");
  expect(tries).toBe(2);
  await sandbox.destroy();
  await expect(sandbox.executeCommand("true")).rejects.toMatchObject({ code: "ADAPTER_SANDBOX_UNSUPPORTED" });
});
