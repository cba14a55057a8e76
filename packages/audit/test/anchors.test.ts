import { cpSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { allAnchors, fileAnchor, verifyJournal, webhookAnchor } from "@symbiont/audit";
import { describe, expect, test } from "vitest";
import { fill, openJournal, record, refusal } from "./journal-fixtures.ts";
import { withFolder } from "./temporary-folder.ts";

describe("an anchor in a file", () => {
  test("makes an older copy of the whole folder show when it is opened, without anything else to remember", async () => {
    await withFolder(async (folder) => {
      mkdirSync(join(folder, "elsewhere"), { mode: 0o700 });
      const anchor = fileAnchor(join(folder, "elsewhere", "note"));
      const live = join(folder, "live");
      await (await openJournal(live, { anchor })).close();
      cpSync(live, join(folder, "backup"), { recursive: true });
      const journal = await openJournal(live, { anchor });
      await fill(journal, 3);
      await journal.close();
      rmSync(live, { recursive: true });
      cpSync(join(folder, "backup"), live, { recursive: true });
      await expect(openJournal(live, { anchor })).rejects.toThrow(refusal("AUDIT_ROLLBACK"));
      const note = readFileSync(join(folder, "elsewhere", "note"), "utf8");
      await expect(verifyJournal(live, { trusted: [journal.verifierKey], anchors: [note] })).rejects.toThrow(
        refusal("AUDIT_ROLLBACK"),
      );
    });
  });

  test("whose directory is gone stops the journal", async () => {
    await withFolder(async (folder) => {
      const journal = await openJournal(join(folder, "j"), {
        anchor: fileAnchor(join(folder, "none", "note")),
      });
      await expect(journal.checkpoint()).rejects.toThrow(refusal("AUDIT_UNAVAILABLE"));
      await journal.close().catch(() => undefined);
    });
  });
});

describe("a webhook anchor", () => {
  test.each([
    [204, "kept"],
    [302, "AUDIT_UNAVAILABLE"],
    [500, "AUDIT_UNAVAILABLE"],
  ])("with the answer %i: %s", async (status, expected) => {
    const bodies: string[] = [];
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        bodies.push(`${request.headers["authorization"]} ${body}`);
        response.writeHead(status, status === 302 ? { location: "/" } : {}).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const anchor = webhookAnchor({
      url: `http://127.0.0.1:${port}/`,
      fetch: async (url, request) => fetch(url, { ...request, redirect: "manual" }),
      headers: { authorization: "Bearer t" },
    });
    await withFolder(async (folder) => {
      const journal = await openJournal(folder, { anchor });
      await journal.append(record("a"));
      const result = await journal.checkpoint().then(
        (note) => (bodies.at(-1) === `Bearer t ${note}` ? "kept" : "another note"),
        (error: { code: string }) => error.code,
      );
      expect(result).toBe(expected);
      await journal.close().catch(() => undefined);
    });
    server.close();
  });
});

describe("several anchors", () => {
  test("must all keep a checkpoint, and the one that covers most is believed", async () => {
    const kept: string[] = [];
    const store = (note: string | undefined) => ({
      keep: (text: string) => void kept.push(text),
      newest: () => note,
    });
    const anchor = allAnchors([
      (note) => void kept.push(note),
      store("o\n3\nx\n"),
      store("o\n20\nx\n"),
      store(undefined),
    ]);
    await anchor.keep("the note");
    expect(kept).toEqual(["the note", "the note", "the note", "the note"]);
    expect(await anchor.newest?.()).toBe("o\n20\nx\n");
    expect(() => allAnchors([])).toThrow(RangeError);
    const failing = allAnchors([() => undefined, async () => Promise.reject(new Error("down"))]);
    await expect(failing.keep("x")).rejects.toThrow("down");
  });
});
