import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { verifyModelLog } from "@symbiont/model-log";
import { describe, expect, test } from "vitest";
import { call, openLog, readAll, refusal, segments, withFolder, wrappedKeys } from "./fixtures.ts";

async function sealed(folder: string, count = 4): Promise<{ path: string; lines: string[] }> {
  const log = openLog(folder);
  for (let index = 0; index < count; index += 1)
    await log.complete({ ...call, outcome: "ok" }, { request: `body ${index}` });
  await log.close();
  const path = join(folder, segments(folder).at(-1) as string);
  return { path, lines: readFileSync(path, "utf8").split("\n").slice(0, -1) };
}

describe("whoever can write the files", () => {
  test("cannot change a single byte unnoticed", async () => {
    await withFolder(async (folder) => {
      const { path } = await sealed(folder, 2);
      const original = readFileSync(path);
      for (let at = 0; at < original.length; at += 5) {
        const changed = Buffer.from(original);
        changed[at] = (changed[at] ?? 0) ^ 0x01;
        writeFileSync(path, changed);
        const [report] = await verifyModelLog(folder, { keys: wrappedKeys() });
        expect(report?.fault !== undefined || report?.sealed === false, `byte ${at}`).toBe(true);
      }
    });
  });

  test.each<[string, (lines: string[]) => string[]]>([
    ["remove a record", (lines) => lines.filter((_, index) => index !== 2)],
    ["exchange two", (lines) => [lines[0], lines[2], lines[1], ...lines.slice(3)] as string[]],
    ["repeat one", (lines) => [...lines.slice(0, 2), lines[1], ...lines.slice(2)] as string[]],
    ["add one after the seal", (lines) => [...lines, lines[1]] as string[]],
  ])("cannot %s", async (_, change) => {
    await withFolder(async (folder) => {
      const { path, lines } = await sealed(folder);
      writeFileSync(path, `${change(lines).join("\n")}\n`);
      const [report] = await verifyModelLog(folder, { keys: wrappedKeys() });
      expect(report?.fault).toMatchObject({ code: "MODEL_LOG_TAMPERED", record: expect.any(Number) });
      await expect(readAll(folder)).rejects.toThrow(refusal("MODEL_LOG_TAMPERED"));
    });
  });

  test("cannot cut the tail without the seal being missed", async () => {
    await withFolder(async (folder) => {
      const { path, lines } = await sealed(folder);
      for (const keep of [2, 4]) {
        writeFileSync(path, `${lines.slice(0, keep).join("\n")}\n`);
        expect(await verifyModelLog(folder, { keys: wrappedKeys() })).toMatchObject([
          { sealed: false, records: keep - 1 },
        ]);
      }
    });
  });

  test("cannot move a record into another segment", async () => {
    await withFolder(async (folder) => {
      const one = await sealed(folder);
      const { lines } = await sealed(folder);
      writeFileSync(one.path, `${[...one.lines.slice(0, 1), lines[1], ...one.lines.slice(2)].join("\n")}\n`);
      const reports = await verifyModelLog(folder, { keys: wrappedKeys() });
      expect(reports.filter(({ fault }) => fault?.code === "MODEL_LOG_TAMPERED")).toHaveLength(1);
    });
  });

  test("cannot have another secret of the vault opened by a header that names it", async () => {
    await withFolder(async (folder) => {
      const { path, lines } = await sealed(folder);
      const header = JSON.parse(lines[0] ?? "") as object;
      const { MemoryVault } = await import("./fixtures.ts");
      const vault = new MemoryVault();
      vault.secrets.set("database/password", new Uint8Array(32));
      writeFileSync(
        path,
        `${[JSON.stringify({ ...header, key: { id: "database/password" } }), ...lines.slice(1)].join("\n")}\n`,
      );
      await expect(readAll(folder, { kind: "vaulted", vault })).rejects.toThrow(
        refusal("MODEL_LOG_WRONG_KEY"),
      );
    });
  });

  test.each(["", "{}\n", "[]\n", "not JSON\n", '{"fmt":"model-log/2"}\n'])(
    "a header %j is refused",
    async (text) => {
      await withFolder(async (folder) => {
        const { path } = await sealed(folder);
        writeFileSync(path, text);
        await expect(readAll(folder)).rejects.toThrow(refusal("MODEL_LOG_FORMAT_INVALID"));
      });
    },
  );
});

test("errors hold neither keys nor bodies", async () => {
  await withFolder(async (folder) => {
    const canary = "canary-5e2b91";
    const log = openLog(folder, {
      redactor: {
        redact: (value) => {
          throw new Error(`cannot redact ${JSON.stringify(value)}`);
        },
      },
    });
    await log.request(call, canary);
    await log.close();
    const wrong = new Uint8Array(32).fill(0xab);
    const errors = [
      await readAll(folder, wrappedKeys(wrong)).catch((error: unknown) => error),
      await readAll(folder, wrappedKeys(wrong.subarray(1))).catch((error: unknown) => error),
      await log.request(call, canary).catch((error: unknown) => error),
      await openLog(folder)
        .request({ ...call, agent: `${canary}\ud800` }, canary)
        .catch((error: unknown) => error),
    ];
    for (const error of errors) {
      expect(error).toBeInstanceOf(Error);
      const text = inspect(error, { depth: 10 }) + JSON.stringify(error);
      expect(text).not.toContain(canary);
      expect(text).not.toContain("abababab");
      expect(text).not.toContain("171, 171");
    }
  });
});

test("secrets in prompts, arguments, results, errors and names of people are nowhere in the files", async () => {
  await withFolder(async (folder) => {
    const canary = "canary-7c1f0a";
    const log = openLog(folder);
    const logged = await log.request(call, { prompt: canary, tools: [{ arguments: { token: canary } }] });
    await logged.answer({ outcome: "error", code: "CALL_FAILED" }, { error: { message: canary } });
    await log.close();
    const text = segments(folder)
      .map((name) => readFileSync(join(folder, name), "latin1"))
      .join("");
    expect(text).not.toContain(canary);
    expect(text).not.toContain(Buffer.from(canary).toString("base64url"));
  });
});
