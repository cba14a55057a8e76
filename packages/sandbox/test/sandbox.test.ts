import { readdirSync, readFileSync } from "node:fs";
import { namespaceTier, nativeTier, Sandbox, SandboxError, type WarmTier } from "@symbiont/sandbox";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { hosted } from "./e2b/hosted.ts";
import { tiers } from "./tiers.ts";

/** A bubblewrap that has not begun yet shows the guest's command too. */
function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

const refusal = (code: string): object => ({ name: "SandboxError", code });

describe.each([...(await tiers()), await hosted()])("a sandbox in tier $name", ({ tier, why }) => {
  afterAll(async () => (tier as Partial<WarmTier>).close?.());

  const sandbox = new Sandbox({
    tier,
    env: { GREETING: "hello" },
    files: { "data/in.txt": "from the host" },
  });
  const sh = async (code: string, options = {}) => sandbox.run({ ...options, interpreter: "/bin/sh", code });

  test.skipIf(why !== "")(`gives streams, exit code and usage${why}`, async () => {
    const result = await sh("echo out; echo err >&2; exit 7");
    expect(result).toMatchObject({ status: "exited", exitCode: 7, signal: null, survivors: 0 });
    expect([result.stdout.text(), result.stderr.text()]).toEqual(["out\n", "err\n"]);
    expect(result.usage.wallMs).toBeGreaterThan(0);
  });

  test.skipIf(why !== "")(`gives bytes as they were written${why}`, async () => {
    const { stdout } = await sh("printf '\\000\\377\\033[31m\\r\\n'");
    expect([...stdout.bytes]).toEqual([0, 255, 27, 91, 51, 49, 109, 13, 10]);
    expect(stdout.text()).toBe("\0\ufffd\u001b[31m\r\n");
  });

  test.skipIf(why !== "")(`passes arguments exactly as they are${why}`, async () => {
    const odd = ["", " ", "-n", "a b", "$(id)", "'\"`", "line\nbreak", "*", "é😀", "x".repeat(131_000)];
    const result = await sandbox.exec(["/bin/sh", "-c", 'printf "%s\\0" "$@"', "sh", ...odd]);
    expect(result.stdout.text().split("\0").slice(0, -1)).toEqual(odd);
  });

  test.skipIf(why !== "")(`gives the environment that was given, and a plain one besides${why}`, async () => {
    const { stdout } = await sh('echo "$GREETING $NAME $LANG"; env | wc -l', { env: { NAME: "guest" } });
    expect(stdout.text()).toMatch(/^hello guest C.UTF-8\n[6-9]\n$/);
  });

  test.skipIf(why !== "")(`puts files into a workspace that is fresh for each run${why}`, async () => {
    const first = await sh("cat data/in.txt; echo x > new; ls | sort | tr '\\n' ' '", {
      files: { extra: "!" },
    });
    expect(first.stdout.text()).toBe("from the hostdata extra main new ");
    expect((await sh("ls | sort | tr '\\n' ' '")).stdout.text()).toBe("data main ");
  });

  test.skipIf(why !== "")(`feeds standard input${why}`, async () => {
    const input = new Uint8Array(300_000).fill(65);
    expect((await sh("wc -c", { stdin: input })).stdout.text().trim()).toBe("300000");
  });

  test.skipIf(why !== "")(
    `ends the input that nobody can be asked for, and the run goes on${why}`,
    async () => {
      const failing = {
        [Symbol.asyncIterator]: () => {
          throw new Error("nothing to read");
        },
      };
      for (const stdin of [failing, 5]) {
        const { status, stdout, survivors } = await sh("cat; echo read", { stdin });
        expect([status, stdout.text(), survivors]).toEqual(["exited", "read\n", 0]);
      }
    },
  );

  test.skipIf(why !== "")(`tells output as it comes, and survives a listener that throws${why}`, async () => {
    const seen: string[] = [];
    await sh("echo one; sleep 0.1; echo two >&2", {
      onOutput: ({ stream, data }: { stream: string; data: Uint8Array }) => {
        seen.push(`${stream}:${Buffer.from(data).toString().trim()}`);
        throw new Error("listener");
      },
    });
    expect(seen).toEqual(["stdout:one", "stderr:two"]);
  });

  test.skipIf(why !== "")(`keeps what was written before the time ran out${why}`, async () => {
    const result = await sh("echo early; sleep 30", { limits: { wallMs: 3_000 } });
    expect(result).toMatchObject({ status: "timeout", exitCode: null });
    expect(result.stdout.text()).toBe("early\n");
  });

  test.skipIf(why !== "")(`ends when it is not wanted any more: before, during and after${why}`, async () => {
    expect((await sh("echo x", { signal: AbortSignal.abort() })).status).toBe("cancelled");
    expect((await sh("sleep 30", { signal: AbortSignal.timeout(200) })).status).toBe("cancelled");
    const late = new AbortController();
    expect((await sh("echo x", { signal: late.signal })).status).toBe("exited");
    late.abort();
  });

  test.skipIf(why !== "")(
    `leaves nothing behind, whenever it is ended${why}`,
    async () => {
      const marker = `sleep ${90_000 + process.pid}`;
      await Promise.all(
        Array.from({ length: 40 }, async (_, index) =>
          sh(marker, { signal: AbortSignal.timeout(index * 3), limits: { wallMs: 20_000 } }),
        ),
      );
      const left = readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && commandOf(pid).includes(marker));
      expect(left).toEqual([]);
    },
    60_000,
  );

  test.skipIf(why !== "")(`takes runs in order, and no more than may wait${why}`, async () => {
    const narrow = new Sandbox({ tier, maxConcurrent: 1, maxQueued: 2 });
    const order: number[] = [];
    const run = async (index: number) =>
      narrow.run({ interpreter: "/bin/sh", code: "true" }).then(() => order.push(index));
    const accepted = [run(0), run(1), run(2)];
    await expect(run(3)).rejects.toMatchObject({ ...refusal("SANDBOX_CAPACITY"), retryable: true });
    await Promise.all(accepted);
    expect(order).toEqual([0, 1, 2]);
  });

  test.skipIf(why !== "")(`ends everything when it is closed, and takes nothing after${why}`, async () => {
    const closing = new Sandbox({ tier });
    const running = closing.run({ interpreter: "/bin/sh", code: "sleep 30" });
    setTimeout(() => void closing.close(), 200);
    expect((await running).status).toBe("cancelled");
    await closing.close();
    await expect(closing.exec(["/bin/sh"])).rejects.toMatchObject(refusal("SANDBOX_CLOSED"));
  });

  test.skipIf(why !== "")(`says so when there is no such program${why}`, async () => {
    await expect(sandbox.exec(["/usr/bin/no-such-program"])).rejects.toMatchObject(
      refusal("SANDBOX_SPAWN_FAILED"),
    );
    await expect(sandbox.exec(["no-such-program"])).rejects.toMatchObject(refusal("SANDBOX_SPAWN_FAILED"));
  });

  test.skipIf(why !== "")(`runs a program of a million characters${why}`, async () => {
    const { stdout } = await sh(`echo start\n${"# filler\n".repeat(110_000)}echo end`);
    expect(stdout.text()).toBe("start\nend\n");
  });

  test.each([
    [{ argv: [] }],
    [{ argv: [""] }],
    [{ argv: ["a\0b"] }],
    [{ argv: ["a", "x".repeat(131_072)] }],
    [{ argv: Array.from({ length: 9_000 }, () => "a") }],
    [{ argv: ["a", 1] }],
    [{ env: { "A=B": "" } }],
    [{ env: { LD_PRELOAD: "/x.so" } }],
    [{ env: { A: "x\0y" } }],
    [{ env: { A: "x".repeat(200_000) } }],
    [{ files: { "../x": "" } }],
    [{ files: { "/x": "" } }],
    [{ files: { "a//b": "" } }],
    [{ files: { a: "", "a/b": "" } }],
    [{ limits: { wallMs: 0 } }],
    [{ limits: { wallMs: Number.NaN } }],
    [{ limits: { memory: 1 } }],
  ])(
    "refuses a run that makes no sense: %#",
    async ({ argv = ["/bin/sh"], ...options }: object & { argv?: unknown }) => {
      await expect(sandbox.exec(argv as string[], options)).rejects.toMatchObject(
        refusal("SANDBOX_INVALID_ARGUMENT"),
      );
    },
  );
});

test("variables that change which code runs must be allowed by name, and some cannot be", async () => {
  const tier = nativeTier({ acknowledgeNoIsolation: true, allowedExecutables: ["/bin/sh"] });
  const allowEnv = ["NODE_OPTIONS", "LD_PRELOAD"];
  expect(() => new Sandbox({ tier, env: { NODE_OPTIONS: "--x" } })).toThrow(SandboxError);
  expect(() => new Sandbox({ tier, allowEnv, env: { LD_PRELOAD: "/x.so" } })).toThrow(SandboxError);
  expect(new Sandbox({ tier, allowEnv, env: { NODE_OPTIONS: "--x" } })).toBeInstanceOf(Sandbox);
});

test.each(["SHELLOPTS", "BASHOPTS", "PS4", "OPTIND"])(
  "the shell of the host that puts a guest into its group is told nothing by %s",
  (name) => {
    const tier = nativeTier({ acknowledgeNoIsolation: true, allowedExecutables: ["/bin/sh"] });
    expect(() => new Sandbox({ tier, allowEnv: [name], env: { [name]: "x" } })).toThrow(SandboxError);
  },
);

describe("a limit that a tier cannot enforce", () => {
  const tier = nativeTier({ acknowledgeNoIsolation: true });

  test("is refused when it is asked for, and reported when it is only a default", () => {
    expect(() => new Sandbox({ tier, limits: { workspaceBytes: 1_000_000 } })).toThrow(
      expect.objectContaining(refusal("SANDBOX_UNSUPPORTED_POLICY")) as Error,
    );
    const { enforcement } = new Sandbox({ tier });
    expect(enforcement).toMatchObject({ workspaceBytes: "none", network: "none", wallMs: "supervisor" });
    expect(Object.values(namespaceTier().enforcement())).not.toContain("none");
  });
});

describe("tier native", () => {
  afterEach(() => vi.unstubAllEnvs());
  const make = () => nativeTier({ acknowledgeNoIsolation: true, allowedExecutables: ["/bin/sh"] });

  test.each(["production", "prod", "PROD", " production ", "prodcution"])(
    "is refused where SYMBIONT_ENV is %j",
    (value) => {
      vi.stubEnv("SYMBIONT_ENV", value);
      expect(make).toThrow(expect.objectContaining(refusal("SANDBOX_PRODUCTION_BLOCKED")) as Error);
    },
  );

  test("is refused where NODE_ENV is production, also when that comes later", async () => {
    const sandbox = new Sandbox({ tier: make() });
    vi.stubEnv("NODE_ENV", "production");
    expect(make).toThrow(SandboxError);
    await expect(sandbox.exec(["/bin/sh"])).rejects.toMatchObject(refusal("SANDBOX_PRODUCTION_BLOCKED"));
  });

  test("wants to be told that it isolates nothing", () => {
    expect(() => nativeTier({} as never)).toThrow(SandboxError);
  });

  test("runs what is allowed by its real path, and nothing else", async () => {
    const sandbox = new Sandbox({ tier: make() });
    for (const program of ["sh", "./sh", "/bin/../bin/no", "/usr/bin/env", "/tmp/sh"])
      await expect(sandbox.exec([program])).rejects.toMatchObject(refusal("SANDBOX_SPAWN_FAILED"));
    expect((await sandbox.exec(["/bin/../bin/sh", "-c", "exit 3"])).exitCode).toBe(3);
  });

  test("tells which of the allowed programs can run anything", () => {
    const onUnbounded = vi.fn();
    nativeTier({ acknowledgeNoIsolation: true, allowedExecutables: ["/bin/sh", "/bin/true"], onUnbounded });
    expect(onUnbounded).toHaveBeenCalledExactlyOnceWith([expect.stringMatching(/sh$/)]);
  });
});
