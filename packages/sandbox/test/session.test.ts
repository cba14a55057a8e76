import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { SandboxSession, sandboxTier, type WarmTier } from "@symbiont/sandbox";
import { afterAll, describe, expect, test } from "vitest";
import { hosted } from "./e2b/hosted.ts";
import { tiers } from "./tiers.ts";

const refusal = (code: string): object => ({ name: "SandboxError", code });
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (content: Uint8Array): string => new TextDecoder().decode(content);

describe.each([...(await tiers()), await hosted()])("a session in tier $name", ({ tier, why }) => {
  afterAll(async () => (tier as Partial<WarmTier>).close?.());

  const sh = (code: string): string[] => ["/bin/sh", "-c", code];

  test.skipIf(why !== "")(`keeps files from run to run, and lends them to the host${why}`, async () => {
    await using session = await SandboxSession.open({ tier });
    await session.writeFile("in/data.txt", bytes("from the host"));
    expect(
      text((await session.exec(sh("cat in/data.txt; echo x >> in/data.txt; echo y > out"))).stdout.bytes),
    ).toBe("from the host");
    expect(text(await session.readFile("in/data.txt"))).toBe("from the hostx\n");
    expect(text(await session.readFile("out"))).toBe("y\n");
    await session.writeFile("out", bytes("z"));
    expect((await session.exec(sh("cat out; rm -r in"))).stdout.text()).toBe("z");
    await expect(session.readFile("in/data.txt")).rejects.toMatchObject(refusal("SANDBOX_FILE_REFUSED"));
  });

  test.skipIf(why !== "")(`is the port that the gate knows${why}`, async () => {
    const port = sandboxTier({ tier });
    expect(port.name).toBe(tier.name);
    expect(await port.probe()).toEqual({ available: true });
    const session = await port.create();
    expect(await session.run(sh("echo out; exit 3"))).toMatchObject({ kind: "exited", exitCode: 3 });
    expect((await session.run(sh("sleep 30"), { timeoutMs: 300 })).kind).toBe("timeout");
    expect((await session.run(sh("sleep 30"), { signal: AbortSignal.timeout(300) })).kind).toBe("cancelled");
    await session.close();
  });

  test.skipIf(why !== "")(
    `runs one after the other, and leaves nothing when it is closed${why}`,
    async () => {
      const session = await SandboxSession.open({ tier });
      await session.writeFile("n", bytes("0"));
      await Promise.all(
        Array.from({ length: 5 }, async () =>
          session.exec(sh("n=$(cat n); sleep 0.02; echo $((n + 1)) > n")),
        ),
      );
      expect(text(await session.readFile("n"))).toBe("5\n");
      const folder = (session as unknown as { workspace?: string }).workspace ?? "";
      const waiting = [session.exec(sh("sleep 30")), session.exec(sh("sleep 30"))];
      setTimeout(() => void session.close(), 200);
      expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual(["cancelled", "cancelled"]);
      await session.close();
      expect(folder === "" || !existsSync(dirname(folder))).toBe(true);
      await expect(session.readFile("n")).rejects.toMatchObject(refusal("SANDBOX_CLOSED"));
      await expect(session.exec(sh("true"))).rejects.toMatchObject(refusal("SANDBOX_CLOSED"));
    },
  );

  test.skipIf(why !== "" || tier.sessionEnforcement().workspaceBytes === "none")(
    `has a workspace of bounded size where the tier can bound it${why}`,
    async () => {
      await using session = await SandboxSession.open({ tier, limits: { workspaceBytes: 1_000_000 } });
      await session.exec(sh("head -c 4000000 /dev/zero > big; for i in 1 2 3; do echo $i > f$i; done"));
      expect((await session.readFile("big")).length).toBeLessThanOrEqual(1_000_000);
      await expect(session.writeFile("more", new Uint8Array(2_000_000))).rejects.toMatchObject(
        refusal("SANDBOX_FILE_REFUSED"),
      );
    },
  );
});
