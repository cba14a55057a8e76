import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SandboxSession, type WarmTier } from "@symbiont/sandbox";
import { afterAll, describe, expect, test } from "vitest";
import { tiers } from "./tiers.ts";

const refusal = (code: string): object => ({ name: "SandboxError", code });
const outside = mkdtempSync(join(tmpdir(), "outside-"));
const secret = join(outside, "secret");
writeFileSync(secret, "CANARY");
afterAll(() => rmSync(outside, { recursive: true }));

describe.each(await tiers())("files of a session in tier $name", ({ tier, why }) => {
  afterAll(async () => (tier as Partial<WarmTier>).close?.());

  test.skipIf(why !== "")(`are never those that a guest points to${why}`, async () => {
    await using session = await SandboxSession.open({ tier });
    const tried = {
      link: `ln -s ${secret} link`,
      "folder/secret": `ln -s ${outside} folder`,
      "root/etc/passwd": "ln -s / root",
      pipe: "mkfifo pipe",
      real: "mkdir real",
      "inner/f": "echo x > real/f && ln -s real inner",
      environ: "ln -s /proc/self/environ environ",
      dangling: "ln -s nowhere dangling",
      hard: "ln real/f hard",
    };
    // Not every kernel that answers a guest makes everything.
    const code = Object.entries(tried).map(([path, make]) => `${make} 2>/dev/null && echo ${path}`);
    const made = await session.exec(["/bin/sh", "-c", `${code.join("\n")}\ntrue`]);
    // gVisor keeps pipes to itself: on the host there is none.
    const paths = made.stdout
      .text()
      .trim()
      .split("\n")
      .filter((path) => path !== "pipe" || tier.name !== "gvisor");
    expect(paths).toEqual(
      expect.arrayContaining(["link", "folder/secret", "root/etc/passwd", "inner/f", "environ"]),
    );
    for (const path of [...paths, "missing"]) {
      await expect(session.readFile(path), path).rejects.toMatchObject(refusal("SANDBOX_FILE_REFUSED"));
    }
    for (const path of [...paths, "folder/new"]) {
      await expect(session.writeFile(path, new Uint8Array(1)), path).rejects.toMatchObject(
        refusal("SANDBOX_FILE_REFUSED"),
      );
    }
    expect(readFileSync(secret, "utf8")).toBe("CANARY");
  });

  test.skipIf(why !== "")(`have plain relative names${why}`, async () => {
    await using session = await SandboxSession.open({ tier });
    for (const path of [
      "../x",
      "/etc/passwd",
      "a/../../x",
      "a//b",
      "./a",
      "",
      "a\0b",
      "a\\b",
      "x".repeat(300),
    ]) {
      await expect(session.readFile(path), path).rejects.toMatchObject(refusal("SANDBOX_INVALID_ARGUMENT"));
      await expect(session.writeFile(path, new Uint8Array(0))).rejects.toMatchObject(
        refusal("SANDBOX_INVALID_ARGUMENT"),
      );
    }
  });

  test.skipIf(why !== "")(
    `are those of the session also while a guest swaps folders for links${why}`,
    async () => {
      await using session = await SandboxSession.open({ tier });
      await session.writeFile("d/secret", new TextEncoder().encode("mine"));
      const swapping = session.exec([
        "/bin/sh",
        "-c",
        `end=$(($(date +%s) + 2)); while [ $(date +%s) -lt $end ]; do mv d e; ln -s ${outside} d; rm d; mv e d; done`,
      ]);
      let read = 0;
      for (const end = Date.now() + 1_500; Date.now() < end; ) {
        try {
          expect(new TextDecoder().decode(await session.readFile("d/secret"))).toBe("mine");
          read += 1;
        } catch (error) {
          expect(error).toMatchObject(refusal("SANDBOX_FILE_REFUSED"));
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect((await swapping).status).toBe("exited");
      expect(read).toBeGreaterThan(0);
    },
  );

  test.skipIf(why !== "")(`are read only up to their limit${why}`, async () => {
    await using session = await SandboxSession.open({ tier, limits: { fileBytes: 100_000 } });
    await session.exec(["/bin/sh", "-c", "head -c 100000 /dev/zero > fits; head -c 99999 /dev/zero > less"]);
    expect((await session.readFile("fits")).length).toBe(100_000);
    await using small = await SandboxSession.open({ tier, limits: { fileBytes: 10 } });
    await small.writeFile("big", new Uint8Array(11));
    await expect(small.readFile("big")).rejects.toMatchObject(refusal("SANDBOX_FILE_REFUSED"));
  });
});
