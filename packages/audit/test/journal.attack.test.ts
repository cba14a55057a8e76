import {
  appendFileSync,
  copyFileSync,
  cpSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { Journal, type JournalOptions, signCheckpoint, verifyJournal } from "@symbiont/audit";
import { generateKeyPair } from "@symbiont/keys";
import { describe, expect, test } from "vitest";
import { withFolder } from "./temporary-folder.ts";

const { privateKey: key } = generateKeyPair("Ed25519");
const origin = "example.org/agent/audit/1";
const segmentOf = (folder: string): string => join(folder, "seg", "0000000000000000.jsonl");
const refusal = (code: string) => expect.objectContaining({ code }) as Error;

/** A closed journal of seven records in `folder`; gives its key and every checkpoint that was anchored. */
async function closedJournal(
  folder: string,
): Promise<{ trusted: string[]; anchors: string[]; options: JournalOptions }> {
  const anchors: string[] = [];
  const options = { origin, key, anchor: (note: string) => void anchors.push(note) };
  const journal = await Journal.open(folder, options);
  for (const id of ["a", "b", "c", "d", "e"]) {
    await journal.append({
      type: "tool.call",
      outcome: "info",
      actor: { kind: "agent", id },
      data: { amount: 100 },
    });
  }
  await journal.close();
  return { trusted: [journal.verifierKey], anchors, options };
}

describe("whoever can write the folder", () => {
  test("cannot flip a single bit of any record", async () => {
    await withFolder(async (folder) => {
      const { trusted } = await closedJournal(folder);
      const original = readFileSync(segmentOf(folder));
      for (let byte = 0; byte < original.length; byte += 7) {
        const changed = Buffer.from(original);
        changed[byte] = (changed[byte] ?? 0) ^ (1 << (byte % 8));
        writeFileSync(segmentOf(folder), changed);
        await expect(verifyJournal(folder, { trusted }), `byte ${byte}`).rejects.toThrow(
          expect.objectContaining({ code: expect.stringMatching(/^AUDIT_(CORRUPT|FORKED|ROLLBACK)$/) }),
        );
      }
    });
  });

  test("cannot cut the tail, at a line or within one", async () => {
    await withFolder(async (folder) => {
      const { trusted, options } = await closedJournal(folder);
      const original = readFileSync(segmentOf(folder));
      for (const length of [
        0,
        original.indexOf("\n") + 1,
        original.lastIndexOf("\n", -2) + 1,
        original.length - 1,
      ]) {
        writeFileSync(segmentOf(folder), original.subarray(0, length));
        await expect(verifyJournal(folder, { trusted })).rejects.toThrow(refusal("AUDIT_ROLLBACK"));
        await expect(Journal.open(folder, options)).rejects.toThrow(refusal("AUDIT_ROLLBACK"));
      }
    });
  });

  test("cannot cut the tail and forge a checkpoint for what is left", async () => {
    await withFolder(async (folder) => {
      const { trusted } = await closedJournal(folder);
      const other = generateKeyPair("Ed25519").privateKey;
      writeFileSync(
        join(folder, "checkpoint"),
        signCheckpoint({ origin, size: 0, root: new Uint8Array(32) }, other),
      );
      await expect(verifyJournal(folder, { trusted })).rejects.toThrow(refusal("AUDIT_NOTE_UNTRUSTED"));
    });
  });

  test("cannot put an older copy of everything in place when a newer checkpoint was anchored", async () => {
    await withFolder(async (folder) => {
      const live = join(folder, "live");
      const backup = join(folder, "backup");
      const { trusted, options } = await closedJournal(live);
      cpSync(live, backup, { recursive: true });
      const notes: string[] = [];
      const journal = await Journal.open(live, { ...options, anchor: (note) => void notes.push(note) });
      await journal.append({ type: "tool.call", outcome: "info", actor: { kind: "agent", id: "f" } });
      await journal.close();
      expect((await verifyJournal(backup, { trusted })).records).toBe(7); // by itself it is a sound, older journal
      await expect(verifyJournal(backup, { trusted, anchors: notes })).rejects.toThrow(
        refusal("AUDIT_ROLLBACK"),
      );
      await expect(Journal.open(backup, { ...options, anchors: notes })).rejects.toThrow(
        refusal("AUDIT_ROLLBACK"),
      );
    });
  });

  test("cannot start history anew when a checkpoint was anchored", async () => {
    await withFolder(async (folder) => {
      const { anchors, options } = await closedJournal(join(folder, "old"));
      await expect(Journal.open(join(folder, "new"), { ...options, anchors })).rejects.toThrow(
        refusal("AUDIT_ROLLBACK"),
      );
    });
  });

  test("cannot swap in another journal signed with the same key", async () => {
    await withFolder(async (folder) => {
      const { trusted, anchors } = await closedJournal(join(folder, "one"));
      await closedJournal(join(folder, "two"));
      await expect(verifyJournal(join(folder, "two"), { trusted, anchors })).rejects.toThrow(
        refusal("AUDIT_FORKED"),
      );
    });
  });

  test.each(["log.json", "checkpoint"])("cannot remove %s", async (name) => {
    await withFolder(async (folder) => {
      const { trusted, options } = await closedJournal(folder);
      rmSync(join(folder, name));
      const code = expect.objectContaining({
        code: expect.stringMatching(/^AUDIT_(CORRUPT|ROLLBACK|NOT_FOUND)$/),
      }) as Error;
      await expect(verifyJournal(folder, { trusted })).rejects.toThrow(code);
      await expect(Journal.open(folder, options)).rejects.toThrow(code);
    });
  });

  test("cannot hide a segment, or add one", async () => {
    await withFolder(async (folder) => {
      const { trusted } = await closedJournal(folder);
      copyFileSync(segmentOf(folder), join(folder, "seg", "0000000000000007.jsonl"));
      await expect(verifyJournal(folder, { trusted })).rejects.toThrow(refusal("AUDIT_CORRUPT"));
      rmSync(join(folder, "seg", "0000000000000007.jsonl"));
      writeFileSync(join(folder, "seg", "notes.txt"), "");
      await expect(verifyJournal(folder, { trusted })).rejects.toThrow(refusal("AUDIT_CORRUPT"));
    });
  });

  test("cannot lead the writer elsewhere with a link", async () => {
    await withFolder(async (folder) => {
      const { options } = await closedJournal(folder);
      copyFileSync(segmentOf(folder), join(folder, "elsewhere"));
      rmSync(segmentOf(folder));
      symlinkSync(join(folder, "elsewhere"), segmentOf(folder));
      await expect(Journal.open(folder, options)).rejects.toThrow(refusal("AUDIT_UNAVAILABLE"));
    });
  });

  test("cannot take the memory with a line without end", async () => {
    await withFolder(async (folder) => {
      const { trusted } = await closedJournal(folder);
      const sound = readFileSync(segmentOf(folder));
      const endless = Buffer.alloc(1 << 24, 0x61);
      writeFileSync(segmentOf(folder), Buffer.concat([sound, endless]));
      expect((await verifyJournal(folder, { trusted })).tornBytes).toBe(endless.length);
      writeFileSync(segmentOf(folder), Buffer.concat([sound, endless, Buffer.from("\n")]));
      await expect(verifyJournal(folder, { trusted })).rejects.toThrow(refusal("AUDIT_CORRUPT"));
    });
  });
});

describe("two writers", () => {
  test("cannot be: the second is kept out, and the first goes on", async () => {
    await withFolder(async (folder) => {
      const { options, trusted } = await closedJournal(folder);
      const first = await Journal.open(folder, options);
      await expect(Journal.open(folder, options)).rejects.toThrow(refusal("AUDIT_UNAVAILABLE"));
      await first.append({ type: "tool.call", outcome: "info", actor: { kind: "agent", id: "x" } });
      await first.close();
      expect((await verifyJournal(folder, { trusted })).records).toBe(10);
    });
  });

  test("are found out when something else writes the file all the same", async () => {
    await withFolder(async (folder) => {
      const { options } = await closedJournal(folder);
      const journal = await Journal.open(folder, options);
      appendFileSync(segmentOf(folder), "{}\n");
      const record = { type: "tool.call", outcome: "info", actor: { kind: "agent", id: "x" } } as const;
      await expect(journal.append(record)).rejects.toThrow(refusal("AUDIT_UNAVAILABLE"));
      await expect(journal.append(record)).rejects.toThrow(refusal("AUDIT_UNAVAILABLE"));
      await journal.close();
      await expect(Journal.open(folder, options)).rejects.toThrow(refusal("AUDIT_CORRUPT"));
    });
  });
});

describe("a crash", () => {
  test("that left a hole of zeros loses only what was never acknowledged", async () => {
    await withFolder(async (folder) => {
      const { trusted, options } = await closedJournal(folder);
      const sound = readFileSync(segmentOf(folder));
      writeFileSync(segmentOf(folder), Buffer.concat([sound, Buffer.alloc(200_000)]));
      const journal = await Journal.open(folder, options);
      await journal.close();
      expect(readFileSync(segmentOf(folder)).subarray(0, sound.length)).toEqual(sound);
      expect((await verifyJournal(folder, { trusted })).records).toBe(9);
    });
  });

  test("at every byte of the last record leaves a journal that opens", async () => {
    await withFolder(async (folder) => {
      const sound = join(folder, "sound");
      const options = { ...(await closedJournal(sound)).options, reserveBytes: 0 };
      rmSync(join(sound, "reserve"));
      const journal = await Journal.open(sound, { ...options, checkpointIntervalMs: 1_000_000 });
      const length = readFileSync(segmentOf(sound)).length;
      await journal.append({ type: "tool.call", outcome: "info", actor: { kind: "agent", id: "naïve 😀" } });
      const whole = readFileSync(segmentOf(sound)).length;
      for (let cut = length; cut <= whole; cut += 1) {
        const torn = join(folder, `torn-${cut}`);
        cpSync(sound, torn, { recursive: true, filter: (source) => !source.includes("writer") });
        truncateSync(segmentOf(torn), cut);
        const reopened = await Journal.open(torn, options);
        await reopened.close();
        rmSync(torn, { recursive: true });
      }
      await journal.close();
    });
  }, 60_000);
});
