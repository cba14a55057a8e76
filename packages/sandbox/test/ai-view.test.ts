import { namespaceTier, SandboxSession } from "@symbiont/sandbox";
import { aiSandbox } from "@symbiont/sandbox/views/ai-sdk";
import type { Experimental_SandboxSession } from "ai";
import { afterAll, beforeAll, expect, test } from "vitest";

const { available, problems } = await namespaceTier().probe();
const why = available ? "" : ` (skipped: ${problems.join("; ")})`;
let session: SandboxSession;
let sandbox: Experimental_SandboxSession;
beforeAll(async () => {
  if (!available) return;
  session = await SandboxSession.open({
    tier: namespaceTier(),
    env: { NAME: "session" },
    limits: { wallMs: 5_000 },
  });
  // That this compiles is the test of the shape.
  sandbox = aiSandbox(session);
});
afterAll(async () => session?.close());

const text = async (stream: ReadableStream<Uint8Array>): Promise<string> => new Response(stream).text();

test.skipIf(why !== "")(`runs commands with folder and environment${why}`, async () => {
  await sandbox.run({ command: "mkdir -p a/b" });
  const options = {
    command: 'pwd; echo "$NAME $MORE"; echo err >&2; exit 4',
    workingDirectory: "a/b",
    env: { MORE: "x" },
  };
  expect(await sandbox.run(options)).toEqual({
    exitCode: 4,
    stdout: "/workspace/a/b\nsession x\n",
    stderr: "err\n",
  });
  const stopped = await sandbox.run({ command: "sleep 30", abortSignal: AbortSignal.timeout(200) });
  expect(stopped).toMatchObject({ exitCode: -1, stderr: "\n[sandbox: ended with cancelled]" });
});

test.skipIf(why !== "")(`reads, writes, lists and removes files of the workspace${why}`, async () => {
  await sandbox.writeTextFile({ path: "/workspace/t/text", content: "1\n2\n3\n" });
  await sandbox.writeBinaryFile({ path: "t/odd name\n", content: new Uint8Array([0, 255]) }).then(
    () => expect.unreachable(),
    (error: unknown) => expect(error).toMatchObject({ code: "SANDBOX_INVALID_ARGUMENT" }),
  );
  await sandbox.writeFile({ path: "t/.bytes", content: new Blob([new Uint8Array([0, 255])]).stream() });
  await sandbox.run({ command: "ln -s /etc/passwd t/link; mkdir t/d" });
  expect(await sandbox.readTextFile({ path: "t/text", startLine: 2, endLine: 3 })).toBe("2\n3");
  expect(await sandbox.readBinaryFile({ path: "t/.bytes" })).toEqual(new Uint8Array([0, 255]));
  expect(await text((await sandbox.readFile({ path: "t/text" })) as ReadableStream<Uint8Array>)).toBe(
    "1\n2\n3\n",
  );
  const entries = await sandbox.listDirectory({ path: "/workspace/t" });
  expect([...(entries ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
    { name: ".bytes", type: "file" },
    { name: "d", type: "directory" },
    { name: "link", type: "symlink" },
    { name: "text", type: "file" },
  ]);
  expect(await sandbox.stat({ path: "t/text" })).toEqual({ type: "file", size: 6 });
  expect(await sandbox.deleteFile({ path: "t/text" })).toBe(true);
  expect(await sandbox.deleteFile({ path: "t/text" })).toBe(false);
  for (const path of ["t/text", "none/x"])
    expect([
      await sandbox.stat({ path }),
      await sandbox.readFile({ path }),
      await sandbox.listDirectory({ path }),
    ]).toEqual([null, null, null]);
});

test.skipIf(why !== "")(`gives no file of the host's, whatever the path${why}`, async () => {
  await sandbox.run({ command: "ln -s /etc/hostname out; ln -s /etc up" });
  for (const path of ["out", "up/hostname"])
    await expect(
      (async () => sandbox.readBinaryFile({ path }))().then(
        (content) => content ?? Promise.reject(new Error("null")),
      ),
    ).rejects.toBeInstanceOf(Error);
  for (const path of ["/etc/passwd", "", "../x"])
    await expect((async () => sandbox.writeTextFile({ path, content: "x" }))()).rejects.toMatchObject({
      code: "SANDBOX_INVALID_ARGUMENT",
    });
});

test.skipIf(why !== "")(`speaks to a process that lasts${why}`, async () => {
  const child = await sandbox.spawn({ command: "cat; echo end >&2; exit 5", stdin: true });
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode("one "));
  await writer.write(new TextEncoder().encode("two"));
  await writer.close();
  expect([await text(child.stdout), await text(child.stderr), await child.wait()]).toEqual([
    "one two",
    "end\n",
    { exitCode: 5 },
  ]);
  const endless = await sandbox.spawn({ command: "sleep 100" });
  await endless.kill();
  expect((await sandbox.run({ command: "echo next" })).stdout).toBe("next\n");
});
