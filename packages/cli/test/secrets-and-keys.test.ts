import { statSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { initializedHome } from "./home.ts";
import { symbiont } from "./symbiont.ts";

const home = initializedHome();

describe("symbiont secrets", { timeout: 60_000 }, () => {
  const file = ["--file", "s.enc", "--key-file", "s.key"];
  test("stores values that come from standard input, a variable or a file, and shows them only when asked", async () => {
    expect((await home.run("secrets", "init", ...file, "--new-key")).code).toBe(0);
    const piped = await symbiont(["secrets", "set", "a/one", ...file], {
      cwd: home.path("."),
      input: "first value\n",
    });
    expect([piped.code, piped.stdout]).toEqual([0, "ok   a/one: version 1\n"]);
    const fromEnv = await symbiont(["secrets", "set", "a/two", ...file, "--value-env", "V"], {
      cwd: home.path("."),
      env: { V: "second value" },
    });
    expect(fromEnv.code).toBe(0);
    expect(await home.json("secrets", "list", ...file)).toEqual(["a/one", "a/two"]);
    const described = await home.run("secrets", "get", "a/one", ...file);
    expect(described.stdout).not.toContain("first value");
    expect((await home.run("secrets", "get", "a/one", ...file, "--reveal")).stdout).toBe("first value");
    expect((await home.run("secrets", "delete", "a/one", ...file)).code).toBe(0);
    expect((await home.run("secrets", "delete", "a/one", ...file)).code).toBe(1);
    expect((await home.run("secrets", "get", "a/one", ...file)).code).toBe(3);
  });

  test("takes no value as an argument", async () => {
    const { code, stderr } = await home.run("secrets", "set", "a/b", "hunter2-in-the-process-list", ...file);
    expect(code).toBe(2);
    expect(stderr).not.toContain("hunter2");
  });
});

describe("symbiont keys", { timeout: 60_000 }, () => {
  test("makes a key that nobody else can read, and does not write over one", async () => {
    const made = await home.json("keys", "generate", "--out", "k.pem", "--public", "k.pub");
    expect(made).toMatchObject({
      algorithm: "ES256",
      fingerprint: expect.stringMatching(/^sha256:/) as string,
    });
    expect(statSync(home.path("k.pem")).mode & 0o777).toBe(0o600);
    expect(await home.json("keys", "show", "k.pub")).toEqual(made);
    expect(await home.json("keys", "show", "k.pem")).toEqual(made);
    expect((await home.run("keys", "generate", "--out", "k.pem")).code).toBe(2);
  });

  test("issues, lists, rotates and revokes API keys", async () => {
    const store = ["--store", "api-keys.json"];
    const issued = (await home.json("keys", "create", ...store, "--agent", "a-1")) as {
      keyId: string;
      token: string;
    };
    expect(issued.token).toMatch(/^ak_/);
    const rotated = (await home.json("keys", "rotate", issued.keyId, ...store)) as { keyId: string };
    expect((await home.run("keys", "revoke", rotated.keyId, ...store, "--reason", "test")).code).toBe(0);
    const listed = (await home.json("keys", "list", ...store, "--all")) as {
      keyId: string;
      revoked: boolean;
    }[];
    expect(listed.find(({ keyId }) => keyId === rotated.keyId)?.revoked).toBe(true);
    expect(JSON.stringify(listed)).not.toContain(issued.token.split(".")[1]);
    expect((await home.run("keys", "create", ...store)).code).toBe(2);
  });
});
