import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ModelLog } from "@symbiont/model-log";
import { SecretFile } from "@symbiont/secrets/file";
import { createFileKey } from "@symbiont/secrets/key-providers/file";
import { beforeAll, describe, expect, test } from "vitest";
import { initializedHome } from "./home.ts";

const home = initializedHome();
const key = ["--secrets", "m.enc", "--secret", "model-log/kek", "--key-file", "m.key"];

describe("symbiont model-log", { timeout: 60_000 }, () => {
  beforeAll(async () => {
    const provider = await createFileKey(home.path("m.key"));
    await using file = await SecretFile.create(home.path("m.enc"), { keyProviders: [provider] });
    await file.store.set("model-log/kek", crypto.getRandomValues(new Uint8Array(32)));
    mkdirSync(home.path("model-log"));
    const keys = { kind: "wrapped", source: file.store, name: "model-log/kek" } as const;
    const log = ModelLog.open(home.path("model-log"), { keys, redactor: "none" });
    const call = { kind: "completion", agent: "a-1", model: "m-1", outcome: "ok" } as const;
    await log.complete(call, { request: "what was asked", response: "what was \u001b[2Janswered" });
    await log.close();
  }, 60_000);

  test("reads who and when, and what was said only when asked to", async () => {
    const read = await home.run("model-log", "read", "model-log", ...key);
    expect(read.code).toBe(0);
    expect(read.stdout).toContain('"agent":"a-1"');
    expect(read.stdout).not.toContain("what was");
    const said = await home.run("model-log", "read", "model-log", ...key, "--content");
    expect(said.stdout).toContain("what was asked");
    expect(said.stdout).not.toContain("\u001b");
    expect((await home.run("model-log", "read", "model-log", ...key, "--agent", "nobody")).stdout).toBe("");
  });

  test.each<[readonly string[], number]>([
    [["--kind", "completion", "--outcome", "ok", "--model", "m-1"], 1],
    [["--kind", "tool_call"], 0],
    [["--outcome", "denied"], 0],
    [["--since", "1h"], 1],
    [["--until", "1h"], 0],
    [["--id", "none"], 0],
  ])("reads what matches %s", async (words, count) => {
    const { code, stdout } = await home.run("model-log", "read", "model-log", ...key, ...words);
    expect([code, stdout.split("\n").length - 1]).toEqual([0, count]);
  });

  test.each([
    ["read", "--kind", "chat"],
    ["read", "--outcome", "fine"],
    ["read", "--since", "yesterday"],
    ["prune", "--max-bytes", "many"],
  ])("%s %s %s is wrong use", async (command, ...words) => {
    expect((await home.run("model-log", command, "model-log", ...key, ...words)).code).toBe(2);
  });

  test("prunes by size, but for what is held", async () => {
    const name = readdirSync(home.path("model-log")).find((file) => file.endsWith(".log")) ?? "";
    const words = ["model-log", "prune", "model-log", ...key, "--dry-run", "--max-bytes", "0"];
    expect(await home.json(...words)).toMatchObject([{ name }]);
    expect(await home.json(...words, "--hold", name)).toEqual([]);
  });

  test("verifies, ends with 1 when a record was changed, and prunes nothing that is young", async () => {
    expect((await home.run("model-log", "verify", "model-log", ...key)).code).toBe(0);
    expect(await home.json("model-log", "prune", "model-log", ...key, "--dry-run")).toEqual([]);
    const segment = join(
      home.path("model-log"),
      readdirSync(home.path("model-log")).find((name) => name.endsWith(".log")) ?? "",
    );
    writeFileSync(segment, readFileSync(segment, "utf8").replace('"agent":"a-1"', '"agent":"a-2"'));
    const { code, stdout } = await home.run("model-log", "verify", "model-log", ...key);
    expect([code, stdout]).toEqual([1, expect.stringContaining("MODEL_LOG_TAMPERED")]);
  });
});
