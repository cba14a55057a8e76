import { Agent, applyDiff, type Model, type ModelResponse, Runner, Usage } from "@openai/agents";
import { filesystem, Manifest, SandboxAgent, type SandboxClient, shell } from "@openai/agents/sandbox";
import { sandboxClient } from "@symbiont/adapters/openai-agents/v0/sandbox";
import { namespaceTier } from "@symbiont/sandbox";
import { describe, expect, test } from "vitest";

const { available, problems } = await namespaceTier().probe();
const why = available ? "" : ` (skipped: ${problems.join("; ")})`;
const host = { Manifest, applyDiff };
const options = { tier: namespaceTier(), limits: { wallMs: 3_000 } };
const unsupported = { name: "AdapterError", code: "ADAPTER_SANDBOX_UNSUPPORTED" };

/** A model that calls these tools one after the other, then says `done`, and keeps what it was told. */
function calling(calls: readonly (readonly [string, object])[]): { model: Model; heard: string[] } {
  const heard: string[] = [];
  let turn = 0;
  const model = {
    getResponse: async ({ input }: { input: unknown }) => {
      heard.push(JSON.stringify(input));
      const call = calls[turn];
      turn += 1;
      const output =
        call === undefined
          ? {
              type: "message",
              role: "assistant",
              status: "completed",
              content: [{ type: "output_text", text: "done" }],
            }
          : call[0] === "apply_patch"
            ? { type: "apply_patch_call", callId: `c-${turn}`, status: "completed", operation: call[1] }
            : {
                type: "function_call",
                callId: `c-${turn}`,
                name: call[0],
                arguments: JSON.stringify(call[1]),
                status: "completed",
              };
      return { usage: new Usage(), output: [output] } as unknown as ModelResponse;
    },
    getStreamedResponse: () => {
      throw new Error("not streamed here");
    },
  };
  return { model, heard };
}

test.skipIf(why !== "")(`an agent of the SDK runs its commands and edits in a session${why}`, async () => {
  // That this compiles is the test of the shape.
  const client: SandboxClient = sandboxClient(options, host);
  const { model, heard } = calling([
    ["exec_command", { cmd: "cat notes/in.txt; echo $GREETING; pwd; id -u >&2; exit 3" }],
    ["apply_patch", { type: "create_file", path: "made.txt", diff: "+one\n+two" }],
    ["apply_patch", { type: "update_file", path: "made.txt", diff: "@@\n one\n-two\n+three" }],
    ["exec_command", { cmd: "cat made.txt; sleep 30", workdir: "/workspace" }],
    ["apply_patch", { type: "delete_file", path: "made.txt" }],
    ["exec_command", { cmd: "ls; (echo > /dev/tcp/1.1.1.1/80) 2>&1; cat /etc/shadow 2>&1" }],
  ]);
  const agent = new SandboxAgent({
    name: "worker",
    model,
    capabilities: [shell(), filesystem()],
    defaultManifest: new Manifest({
      entries: {
        notes: { type: "dir", children: { "in.txt": { type: "file", content: "from the host " } } },
      },
      environment: { GREETING: "hello" },
    }),
  });
  const result = await new Runner({ tracingDisabled: true }).run(agent, "go", {
    sandbox: { client },
    maxTurns: 10,
  });
  expect(result.finalOutput).toBe("done");
  const said = heard.at(-1) ?? "";
  expect(said).toContain("Process exited with code 3");
  expect(said).toContain("from the host hello\\n/workspace\\n");
  expect(said).toContain("one\\nthree");
  expect(said).toContain("[sandbox: ended with timeout]");
  expect(said).not.toContain("root:");
});

describe("a session of the client", () => {
  const open = async (manifest = new Manifest()) => sandboxClient(options, host).create({ manifest });

  test.skipIf(why !== "")(`tells how a command ended, and keeps to the wanted length${why}`, async () => {
    const session = await open();
    expect(await session.exec({ cmd: "echo out; echo err >&2; exit 4" })).toMatchObject({
      stdout: "out\n",
      stderr: "err\n",
      output: "out\nerr\n",
      exitCode: 4,
    });
    const long = await session.exec({ cmd: "yes | head -c 10000", maxOutputTokens: 5 });
    expect(long.output).toBe(`${"y\n".repeat(10)}\n[sandbox: output was cut off]`);
    expect(long.originalTokenCount).toBe(2_500);
    expect(await session.exec({ cmd: "sleep 30" })).toMatchObject({ exitCode: null });
    for (const more of [{ tty: true }, { runAs: "root" }])
      await expect(session.exec({ cmd: "true", ...more })).rejects.toMatchObject(unsupported);
    await session.close();
    expect(await session.running()).toBe(false);
  });

  test.skipIf(why !== "")(
    `reads, lists and looks at files of the workspace, and at no others${why}`,
    async () => {
      const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2]);
      const session = await open(new Manifest({ entries: { "a.png": { type: "file", content: png } } }));
      await session.exec({ cmd: "mkdir d; ln -s /etc/passwd link; echo x > text" });
      expect(await session.viewImage({ path: "a.png" })).toEqual({
        type: "image",
        image: { data: Buffer.from(png).toString("base64"), mediaType: "image/png" },
      });
      await expect(session.viewImage({ path: "text" })).rejects.toMatchObject(unsupported);
      await expect(session.readFile({ path: "a.png", maxBytes: 3 })).rejects.toMatchObject(unsupported);
      await expect(session.readFile({ path: "link" })).rejects.toMatchObject({
        code: "SANDBOX_FILE_REFUSED",
      });
      await expect(session.readFile({ path: "/etc/passwd" })).rejects.toMatchObject({
        code: "SANDBOX_INVALID_ARGUMENT",
      });
      const entries = await session.listDir({ path: "/workspace/" });
      expect(entries.sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
        { name: "a.png", path: "/workspace/a.png", type: "file" },
        { name: "d", path: "/workspace/d", type: "dir" },
        { name: "link", path: "/workspace/link", type: "other" },
        { name: "text", path: "/workspace/text", type: "file" },
      ]);
      expect([
        await session.pathExists("text"),
        await session.pathExists("no"),
        await session.directoryExists("d"),
      ]).toEqual([true, false, true]);
      const editor = session.createEditor();
      expect(await editor.createFile({ path: "text", diff: "+x" })).toMatchObject({ status: "failed" });
      expect(await editor.updateFile({ path: "text", diff: "@@\n-x\n+y", moveTo: "moved" })).toEqual({
        status: "completed",
      });
      expect([await session.pathExists("text"), await session.pathExists("moved")]).toEqual([false, true]);
      await session.close();
    },
  );

  test.each([
    [{ root: "/elsewhere" }],
    [{ entries: { f: { type: "local_file", src: "/etc/passwd" } } }],
    [{ entries: { d: { type: "dir", children: { deep: { type: "local_dir", src: "/etc" } } } } }],
    [{ entries: { r: { type: "git_repo", repo: "a/b" } } }],
    [{ entries: { m: { type: "s3_mount", bucket: "b" } } }],
    [{ entries: { f: { type: "file", content: "", permissions: { owner: ["read"] } } } }],
    [{ users: [{ name: "other" }] }],
  ])("is refused with what a sandbox does not do: %#", async (init) => {
    const manifest = { root: "/workspace", entries: {}, users: [], groups: [], extraPathGrants: [], ...init };
    await expect(sandboxClient(options, host).create({ manifest })).rejects.toMatchObject(unsupported);
  });

  test("is refused with snapshots, options, and what is no manifest", async () => {
    const client = sandboxClient(options, host);
    for (const args of [
      { snapshot: { type: "local" } },
      { options: { image: "x" } },
      { manifest: { entries: {} } },
    ])
      await expect(client.create(args)).rejects.toMatchObject(unsupported);
  });
});

test("an agent that is to be somebody else gets no sandbox", async () => {
  const { model } = calling([]);
  const agent = new SandboxAgent({ name: "worker", model, capabilities: [shell()], runAs: "root" });
  expect(agent).toBeInstanceOf(Agent);
  const run = new Runner({ tracingDisabled: true }).run(agent, "go", {
    sandbox: { client: sandboxClient(options, host) },
  });
  await expect(run).rejects.toMatchObject(unsupported);
});
