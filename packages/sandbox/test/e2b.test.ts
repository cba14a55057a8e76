import { spawnSync } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import { Sandbox, SandboxSession } from "@symbiont/sandbox";
import { e2bTier } from "@symbiont/sandbox/e2b";
import { attacks } from "@symbiont/sandbox/testing";
import { Sandbox as Sdk } from "e2b";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { E2bServer } from "./e2b/e2b-server.ts";
import { secretOf } from "./e2b/hosted.ts";

const started = await E2bServer.start();
const why = typeof started === "string" ? ` (skipped: ${started})` : "";
const server = started as E2bServer;
const refusal = (code: string, more = {}): object => ({ name: "SandboxError", code, ...more });
const tierOf = (more = {}) =>
  e2bTier({ apiKey: secretOf(server.apiKey), template: server.template, endpoint: server.endpoint, ...more });

afterAll(async () => {
  if (why === "") await server.close();
});
beforeEach(() => {
  if (why === "") server.calls.length = 0;
});
afterEach(() => {
  if (why === "") expect([server.machines, server.mistakes]).toEqual([[], []]);
  vi.unstubAllEnvs();
});

/** The server is only as good as what the SDK makes of it. */
test.skipIf(why !== "")(`the contract server is one that the SDK itself works with${why}`, async () => {
  const connection = { ...server.endpoint, apiKey: server.apiKey };
  const sdk = await Sdk.create("base", { ...connection, metadata: { a: "b c" }, timeoutMs: 60_000 });
  expect((await sdk.commands.run("echo out; echo err >&2")).stdout).toBe("out\n");
  await expect(sdk.commands.run("exit 3")).rejects.toMatchObject({ name: "CommandExitError", exitCode: 3 });
  const child = await sdk.commands.run("cat", { background: true, stdin: true });
  await child.sendStdin("through");
  await child.closeStdin();
  expect((await child.wait()).stdout).toBe("through");
  await sdk.files.write("/tmp/a/b", "text");
  expect([await sdk.files.read("/tmp/a/b"), (await sdk.files.getInfo("/tmp/a/b")).type]).toEqual([
    "text",
    "file",
  ]);
  const listed = await Sdk.list({ ...connection, query: { metadata: { a: "b c" } } }).nextItems();
  expect(listed.map(({ sandboxId }) => sandboxId)).toEqual([sdk.sandboxId]);
  expect([await sdk.kill(), await sdk.kill()]).toEqual([true, false]);
});

test.skipIf(why !== "")(`a machine has no network, ends by itself, and says whose it is${why}`, async () => {
  const running = new Sandbox({ tier: tierOf(), limits: { wallMs: 40_000 } }).exec(["sleep", "1"]);
  await vi.waitFor(() => expect(server.machines).toHaveLength(1));
  expect(server.bodyOf(server.machines[0] ?? "")).toMatchObject({
    templateID: "base",
    allow_internet_access: false,
    network: { allowPublicTraffic: false },
    autoPause: false,
    timeout: 130,
    metadata: {
      "symbiont.sandbox": "1",
      "symbiont.sandbox.owner": expect.stringMatching(new RegExp(`^${process.pid}/\\d+/`)) as string,
    },
  });
  expect((await running).status).toBe("exited");
});

test.skipIf(why !== "")(
  `nothing is taken from the environment, where the key would go astray${why}`,
  async () => {
    const evil = "http://127.0.0.1:9";
    for (const [name, value] of Object.entries({
      API_URL: evil,
      SANDBOX_URL: evil,
      DOMAIN: "evil.test",
      DEBUG: "true",
    }))
      vi.stubEnv(`E2B_${name}`, value);
    vi.stubEnv("E2B_API_KEY", "other");
    expect((await new Sandbox({ tier: tierOf() }).exec(["true"])).status).toBe("exited");
  },
);

test.skipIf(why !== "")(
  `time that runs out ends the machine, with everything that has detached itself${why}`,
  async () => {
    const sandbox = new Sandbox({ tier: tierOf() });
    const { status, survivors } = await sandbox.exec(["sh", "-c", "setsid sleep 60 & sleep 60"], {
      limits: { wallMs: 300 },
    });
    expect([status, survivors, server.machines]).toEqual(["timeout", 0, []]);
  },
);

test.skipIf(why !== "")(`a run of a session leaves no process for the next${why}`, async () => {
  await using session = await SandboxSession.open({ tier: tierOf() });
  const count = "grep -l ^sleep$ /proc/[0-9]*/comm | wc -l";
  await session.exec(["sh", "-c", "setsid sleep 61 >/dev/null 2>&1 & (sleep 62 >/dev/null 2>&1 &)"]);
  expect((await session.exec(["sh", "-c", count])).stdout.text()).toBe("0\n");
  for (let run = 0; run < 5; run += 1)
    expect((await session.exec(["sh", "-c", "setsid sleep 63 & sleep 64"], { wallMs: 200 })).status).toBe(
      "timeout",
    );
  expect((await session.exec(["sh", "-c", count])).stdout.text()).toBe("0\n");
});

test.skipIf(why !== "")(`a session that is used lasts, and one that is not used ends${why}`, async () => {
  const session = await SandboxSession.open({
    tier: tierOf({ sessionLifeMs: 500, requestTimeoutMs: 2_000 }),
  });
  await session.exec(["true"], { wallMs: 1_000 });
  expect(server.calls.filter((call) => call.endsWith("/timeout"))).toHaveLength(1);
  await vi.waitFor(() => expect(server.machines).toEqual([]), { timeout: 10_000 });
  await expect(session.exec(["true"])).rejects.toMatchObject(refusal("SANDBOX_MACHINE_FAILED"));
  await session.close();
});

test.skipIf(why !== "")(
  `a link of a guest's is not read, and a file that is too long neither${why}`,
  async () => {
    await using session = await SandboxSession.open({ tier: tierOf(), limits: { fileBytes: 1_000 } });
    await session.exec([
      "sh",
      "-c",
      "ln -s /etc/passwd link; mkdir d; mkfifo pipe; head -c 1000 /dev/zero > fits",
    ]);
    for (const path of ["link", "d", "pipe", "none"])
      await expect(session.readFile(path), path).rejects.toMatchObject(refusal("SANDBOX_FILE_REFUSED"));
    for (const path of ["link", "d", "pipe"])
      await expect(session.writeFile(path, new Uint8Array(1)), path).rejects.toMatchObject(
        refusal("SANDBOX_FILE_REFUSED"),
      );
    for (const path of ["../x", "/etc/passwd", "a//b", ""])
      await expect(session.readFile(path), path).rejects.toMatchObject(refusal("SANDBOX_INVALID_ARGUMENT"));
    expect(await session.readFile("fits")).toHaveLength(1_000);
    await using small = await SandboxSession.open({ tier: tierOf(), limits: { fileBytes: 10 } });
    await small.writeFile("big", new Uint8Array(11));
    await expect(small.readFile("big")).rejects.toMatchObject(refusal("SANDBOX_FILE_REFUSED"));
  },
);

test.skipIf(why !== "")(
  `a killed host's machines are ended by the next one there, and nobody else's${why}`,
  async () => {
    const gone = spawnSync("true").pid;
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
    const here = `${boot}:${readlinkSync("/proc/self/ns/pid")}`;
    const mark = (owner: string) => ({
      metadata: { "symbiont.sandbox": "1", "symbiont.sandbox.owner": owner },
    });
    const dead = await server.place(mark(`${gone}/1/${here}`));
    const elsewhere = await server.place(mark(`${gone}/1/other:pid:[1]`));
    const foreign = await server.place({ metadata: { owner: "somebody" } });
    await new Sandbox({ tier: tierOf() }).exec(["true"]);
    expect(server.machines).toEqual([elsewhere, foreign]);
    expect(server.machines).not.toContain(dead);
    const connection = { ...server.endpoint, apiKey: server.apiKey };
    for (const id of server.machines) await Sdk.kill(id, connection);
  },
);

test.skipIf(why !== "")(
  `whenever it is not wanted any more, no machine is left${why}`,
  async () => {
    const tier = tierOf();
    const sandbox = new Sandbox({ tier, maxConcurrent: 8 });
    const ends = await Promise.all(
      Array.from({ length: 32 }, async (_, index) =>
        sandbox.exec(["sleep", "30"], { files: { a: "x" }, signal: AbortSignal.timeout(20 + index * 20) }),
      ),
    );
    expect(new Set(ends.map(({ status }) => status))).toEqual(new Set(["cancelled"]));
    await tier.close();
    expect(server.machines).toEqual([]);
  },
  60_000,
);

test("limits that a run cannot have there are refused, and the table says who sees to the others", () => {
  const tier = e2bTier({ apiKey: secretOf("key"), template: "base" });
  for (const name of ["memoryBytes", "workspaceBytes", "tmpBytes"] as const)
    expect(() => new Sandbox({ tier, limits: { [name]: 100_000_000 } })).toThrow(
      expect.objectContaining(refusal("SANDBOX_UNSUPPORTED_POLICY")) as Error,
    );
  expect(() => new Sandbox({ tier, minimumTier: "namespace" })).toThrow(
    expect.objectContaining(refusal("SANDBOX_UNSUPPORTED_POLICY")) as Error,
  );
  expect(tier.isolation).toMatchObject({ isHosted: true, reachesNetwork: false });
  expect(tier.enforcement()).toMatchObject({ network: "service", wallMs: "supervisor", openFiles: "kernel" });
});

test.each([
  [{ apiKey: "text" }],
  [{ template: "" }],
  [{ template: "a b" }],
  [{ user: "root;" }],
  [{ requestTimeoutMs: 0 }],
  [{ sessionLifeMs: Number.NaN }],
  [{ endpoint: { apiUrl: "http://api.e2b.app", sandboxUrl: "https://sandbox.e2b.app" } }],
  [{ endpoint: { apiUrl: "https://user@api.e2b.app", sandboxUrl: "https://sandbox.e2b.app" } }],
  [{ endpoint: { apiUrl: "https://api.e2b.app", sandboxUrl: "https://sandbox.e2b.app/path" } }],
  [{ endpoint: { apiUrl: "nonsense", sandboxUrl: "https://sandbox.e2b.app" } }],
])("options that make no sense are refused: %#", (more) => {
  expect(() => e2bTier({ apiKey: secretOf("key"), template: "base", ...(more as object) })).toThrow(
    expect.objectContaining(refusal("SANDBOX_INVALID_ARGUMENT")) as Error,
  );
});

test("a list of hosts is refused: what the service does with names is not known here", () => {
  const tier = e2bTier({ apiKey: secretOf("key"), template: "base" });
  expect(() => new Sandbox({ tier, network: { allow: ["allowed.test:443"] } })).toThrow(
    expect.objectContaining(refusal("SANDBOX_UNSUPPORTED_POLICY")) as Error,
  );
});

/** The machines of the contract server answer with this kernel. */
const NOT_HERE = new Set(["the kernel that answers is not the host's"]);
const claimed = attacks.filter(
  ({ title, needs, notIn = [] }) => needs === undefined && !notIn.includes("e2b") && !NOT_HERE.has(title),
);
const INTERPRETERS = { sh: "/bin/sh", python3: "/usr/bin/python3" } as const;

describe("in machines of the contract server", () => {
  test.skipIf(why !== "").each(claimed)(`$title${why}`, async ({ language, code, options, judge }) => {
    vi.stubEnv("CANARY", "CANARY");
    const sandbox = new Sandbox({ tier: tierOf() });
    const result = await sandbox.run({ ...options, interpreter: INTERPRETERS[language], code });
    expect(judge(result)).toBeUndefined();
    expect(result.survivors).toBe(0);
  });
});
