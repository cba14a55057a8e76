import { mkdirSync, readFileSync, statSync } from "node:fs";
import { createGuardFromEnv } from "@symbiont/core/guard";
import { namespaceTier } from "@symbiont/sandbox";
import { describe, expect, test } from "vitest";
import { initializedHome } from "./home.ts";
import { symbiont } from "./symbiont.ts";

const home = initializedHome();

describe("symbiont init", { timeout: 60_000 }, () => {
  test("writes a configuration that opens, private keys, and rules that pass their test", async () => {
    expect(statSync(home.path(".symbiont/audit-key.pem")).mode & 0o777).toBe(0o600);
    const tested = await home.run("policy", "test", "policies", "policies.test.json");
    expect([tested.code, tested.stdout]).toEqual([0, "ok   5 passed, 0 failed\n"]);
    expect((await home.run("policy", "check", "--strict", "policies")).code).toBe(0);
    expect((await home.run("policy", "fmt", "--check", "policies")).code).toBe(0);
  });

  test("writes nothing over what is there", async () => {
    const before = readFileSync(home.path(".symbiont/audit-key.pem"), "utf8");
    const again = await home.run("init");
    expect(again.code).toBe(2);
    expect(again.stderr).toContain("nothing was written");
    expect(readFileSync(home.path(".symbiont/audit-key.pem"), "utf8")).toBe(before);
  });

  test("makes a secret file too, when asked to", async () => {
    const folder = home.path("with-secrets");
    mkdirSync(folder);
    expect((await symbiont(["init", "--with-secrets"], { cwd: folder })).code).toBe(0);
    const listed = await symbiont(
      ["secrets", "list", "--file", ".symbiont/secrets.enc", "--key-file", ".symbiont/secrets.key"],
      { cwd: folder },
    );
    expect([listed.code, listed.stdout]).toEqual([0, "no secrets\n"]);
  });
});

describe("symbiont doctor", { timeout: 60_000 }, () => {
  test("says what works, and tells the truth about the sandbox", async () => {
    const { available } = await namespaceTier().probe();
    const { code, stdout } = await home.run("doctor");
    expect(code).toBe(0);
    expect(stdout).toContain(available ? "tier namespace works" : "tier namespace does not work here");
    expect(stdout).toContain("checkpoints are kept on the disk of the journal");
    expect(stdout).toMatch(/ok {3}policy +works/);
    // What the library says to programs is no hint for who sits at a terminal.
    expect(stdout).not.toMatch(/give doctor|was given|Tier\b/);
    expect(stdout).toMatch(/tier firecracker (?:was not tried|does not work here)/);
  });

  test("leaves the journal alone", async () => {
    const before = (await home.json("audit", "verify")) as { records: number };
    await home.run("doctor");
    expect(await home.json("audit", "verify")).toMatchObject({ records: before.records });
  });

  test("ends with 1 when production would refuse, a file is missing, or the configuration is wrong", async () => {
    const config = JSON.parse(readFileSync(home.path("symbiont.config.json"), "utf8")) as Record<
      string,
      unknown
    >;
    home.write("no-audit.json", JSON.stringify({ ...config, audit: "none" }));
    const inProduction = await symbiont(["doctor", "--config", "no-audit.json"], {
      cwd: home.path("."),
      env: { SYMBIONT_ENV: "production" },
    });
    expect([inProduction.code, inProduction.stdout]).toEqual([
      1,
      expect.stringContaining("production refuses to start"),
    ]);
    expect(inProduction.stdout).toMatch(/audit: nothing is recorded.*\n.*-> write an object/);
    home.write("wrong.json", JSON.stringify({ ...config, policy: 7, rate: null }));
    const wrong = await home.run("doctor", "--config", "wrong.json");
    expect(wrong.code).toBe(1);
    expect(wrong.stdout).toContain("policy: a number");
    expect(wrong.stdout).toContain("rate: null");
    const nowhere = await home.run("doctor", "--config", "nowhere.json");
    expect([nowhere.code, nowhere.stdout]).toEqual([1, expect.stringContaining("nowhere.json is not there")]);
  });
});

test("doctor names each thing that production refuses once, and knows what the environment allows", async () => {
  const read = JSON.parse(readFileSync(home.path("symbiont.config.json"), "utf8")) as { tools: object };
  const tools = { ...read.tools, enforcement: "disabled" };
  home.write("open.json", JSON.stringify({ ...read, tools }));
  const run = (env: Record<string, string>) =>
    symbiont(["doctor", "--config", "open.json"], {
      cwd: home.path("."),
      env: { SYMBIONT_ENV: "production", ...env },
    });
  const refused = await run({});
  expect(refused.code).toBe(1);
  expect(refused.stdout.match(/tools\.enforcement/g)).toHaveLength(1);
  const allowed = await run({ SYMBIONT_ALLOW_TOOL_ENFORCEMENT_BYPASS: "1" });
  expect(allowed.stdout).toMatch(/tools\.enforcement: every tool is shown[^;]*\n/);
});

test("the program says its version", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  for (const option of ["--version", "-V"])
    expect(await symbiont([option])).toMatchObject({ code: 0, stdout: `${version}\n` });
});

test("a start without a configuration names the file that is missing, not a variable that is not set", async () => {
  const missing = createGuardFromEnv({ env: {} });
  await expect(missing).rejects.toMatchObject({ message: "symbiont.config.json could not be read" });
  const named = createGuardFromEnv({ env: { SYMBIONT_CONFIG: "/nowhere/at/all" } });
  await expect(named).rejects.toMatchObject({ message: "the file of SYMBIONT_CONFIG could not be read" });
});

test.each([
  [["policy", "nonsense", "--json"], "unknown command 'nonsense'"],
  [["keys", "create", "--json"], "required option '--store <file>' not specified"],
  [["policy", "check", "--json"], "missing required argument 'paths'"],
])("wrong use is JSON where JSON was asked for: %j", async (words, message) => {
  const { code, stdout } = await symbiont(words);
  expect([code, JSON.parse(stdout)]).toEqual([2, { error: { code: "USAGE", message } }]);
});
