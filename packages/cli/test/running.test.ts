import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { namespaceTier } from "@symbiont/sandbox";
import { createWebhookVerifier } from "@symbiont/webhook-verify";
import { github } from "@symbiont/webhook-verify/presets/github";
import { describe, expect, test } from "vitest";
import { initializedHome } from "./home.ts";
import { symbiont } from "./symbiont.ts";

const home = initializedHome();

describe("symbiont webhook", { timeout: 60_000 }, () => {
  test("signs and sends a delivery that its receiver verifies", async () => {
    home.write("body.json", '{"zen":"Keep it logically awesome."}');
    const secret = "a secret of this endpoint";
    const verifier = createWebhookVerifier(github, { secrets: [secret] });
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const headers = new Headers(request.headers as Record<string, string>);
        verifier.verify({ headers, rawBody: new Uint8Array(Buffer.concat(chunks)) }).then(
          () => response.writeHead(204).end(),
          () => response.writeHead(401).end(),
        );
      });
    });
    const port = await new Promise<number>((resolve) =>
      server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port)),
    );
    const send = [
      "webhook",
      "send",
      `http://127.0.0.1:${port}/`,
      "--preset",
      "github",
      "--body",
      "body.json",
      "--secret-env",
      "S",
    ];
    const right = await symbiont(send, { cwd: home.path("."), env: { S: secret } });
    const wrong = await symbiont(send, { cwd: home.path("."), env: { S: "another secret of nobody" } });
    server.close();
    expect([right.code, right.stdout]).toEqual([0, "ok   the receiver answered 204\n"]);
    expect([wrong.code, wrong.stdout]).toEqual([1, "BAD  the receiver answered 401\n"]);
    expect((await home.run("webhook", "sign", "--preset", "../../x", "--body", "body.json")).code).toBe(2);
    expect((await home.run("webhook", "sign", "--preset", "nobody", "--body", "body.json")).code).toBe(2);
  });
});

describe("symbiont sandbox", { timeout: 60_000 }, () => {
  test("probes, and ends with 1 where nothing works", async () => {
    const { available } = await namespaceTier().probe();
    const { code, stdout } = await home.run("sandbox", "probe");
    expect([code, stdout.includes("tier namespace works")]).toEqual([available ? 0 : 1, available]);
  });

  test("does not take a weaker tier without being told so", async () => {
    expect((await home.run("sandbox", "run", "--tier", "native", "/bin/true")).code).toBe(2);
    const told = await home.run(
      "sandbox",
      "run",
      "--tier",
      "native",
      "--no-isolation",
      "/bin/echo",
      "hello",
      "--json",
    );
    expect([told.code, told.stdout]).toEqual([0, "hello --json\n"]);
    expect((await home.run("sandbox", "run", "--tier", "native", "--no-isolation", "/bin/false")).code).toBe(
      1,
    );
  });

  test("starts machines of the kernel and image that are named, and of no others", async () => {
    const run = async (...options: string[]) =>
      home.run("sandbox", "run", "--tier", "qemu", ...options, "true");
    for (const options of [[], ["--kernel", "vmlinux"], ["--initrd", "initrd"]]) {
      const { code, stderr } = await run(...options);
      expect([code, stderr]).toEqual([2, expect.stringContaining("--kernel and --initrd")]);
    }
    const { code, stdout } = await run("--kernel", "no/vmlinux", "--initrd", "no/initrd");
    expect([code === 0, stdout]).toEqual([false, ""]);
    const probed = await home.run("sandbox", "probe");
    expect(probed.stdout).toMatch(/tier qemu (?:was not tried|does not work here)/);
    expect(probed.stdout).toMatch(/tier e2b was not tried[^]*"tier": "e2b"|tier e2b does not work here/);
  });
});

describe("symbiont completion", { timeout: 60_000 }, () => {
  test.each(["bash", "zsh", "fish"])("knows every command in %s", async (shell) => {
    const { code, stdout } = await home.run("completion", shell);
    expect(code).toBe(0);
    for (const word of ["schemapin", "model-log", "approve", "sarif"]) expect(stdout).toContain(word);
  });

  test("completes in a real bash", async () => {
    const { stdout: script } = await home.run("completion", "bash");
    const ask = `${script}\nCOMP_WORDS=(symbiont audit ve); COMP_CWORD=2; _symbiont; echo "\${COMPREPLY[*]}"`;
    const shell = spawn("bash", ["--norc"], { stdio: ["pipe", "pipe", "inherit"] });
    shell.stdin.end(ask);
    let said = "";
    for await (const chunk of shell.stdout) said += String(chunk);
    expect(said.trim()).toBe("verify");
  });
});
