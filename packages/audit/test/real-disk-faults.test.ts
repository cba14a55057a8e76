import { execFileSync } from "node:child_process";
import { mkdirSync, renameSync, rmSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { AuditLog, type AuditLogOptions, Journal } from "@symbiont/audit";
import { generateKeyPair } from "@symbiont/keys";
import { describe, expect, test } from "vitest";
import { runChild } from "../../../scripts/testing/run-child.ts";
import { readRecords } from "./read-records.ts";
import { withFolder } from "./temporary-folder.ts";

const { privateKey: key } = generateKeyPair("Ed25519");
const info = { type: "tool.call", outcome: "info", actor: { kind: "agent", id: "a" } } as const;
const refusal = (code: string) => expect.objectContaining({ code }) as Error;
const options = {
  origin: "example.org/a",
  key,
  anchor: () => undefined,
  failureMode: "strict",
} satisfies AuditLogOptions;
const noCompiler = works("gcc", "--version") ? "" : " (skipped: no gcc installed)";
const noMount = canMount() ? "" : " (skipped: a tmpfs cannot be mounted here)";

describe("a disk that fails below the process", () => {
  test.skipIf(noCompiler !== "")(
    `EIO and failed syncs end as the table says, in both modes${noCompiler}`,
    async () => {
      await withFolder(async (folder) => {
        const shim = join(folder, "fail.so");
        const source = fileURLToPath(new URL("./fixtures/fail-sync.c", import.meta.url));
        execFileSync("gcc", ["-shared", "-fPIC", "-O1", "-o", shim, source, "-ldl"]);
        const env = { LD_PRELOAD: shim, FAIL_FILE: join(folder, "fail") };
        const ends = await runChild("audit", "disk-faults.ts", { args: [folder], env });
        const strict = {
          inEffect: "AUDIT_OUTCOME_UNRECORDED",
          before: "AUDIT_UNAVAILABLE",
          after: "ran",
          openAttempts: 1,
        };
        const permissive = { inEffect: "result", before: "ran", after: "ran", openAttempts: 0 };
        expect(ends).toEqual({
          "strict write": strict,
          "strict sync": strict,
          "permissive write": permissive,
          "permissive sync": permissive,
        });
      });
    },
  );

  test.skipIf(noMount !== "")(
    `a full disk takes outcomes from the reserve, no attempts, and heals${noMount}`,
    async () => {
      await withFolder(async (folder) => {
        const disk = join(folder, "disk");
        mkdirSync(disk);
        execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m,mode=700", "tmpfs", disk]);
        try {
          const unavailable = "AUDIT_UNAVAILABLE";
          expect(await runChild("audit", "full-disk.ts", { args: [disk] })).toEqual({
            outcomes: ["recorded", unavailable, unavailable, unavailable, "ran"],
            ranWithoutRecord: 0,
            openAttempts: 0,
          });
          const degraded = readRecords(join(disk, "journal")).filter(
            ({ type }) => type === "journal.degraded",
          );
          expect(degraded[0]).toMatchObject({ data: { reason: "no space" } });
        } finally {
          execFileSync("umount", [disk]);
        }
      });
    },
  );
});

describe("what happens to the files while they are written", () => {
  test.each<[string, (folder: string) => void]>([
    ["the folder is removed", (folder) => rmSync(folder, { recursive: true })],
    ["the segment is removed", (folder) => rmSync(join(folder, "seg", "0000000000000000.jsonl"))],
    [
      "the segment is cut by log rotation",
      (folder) => truncateSync(join(folder, "seg", "0000000000000000.jsonl"), 0),
    ],
  ])("%s: nothing more is acknowledged, and it is not made good quietly", async (_, harm) => {
    await withFolder(async (folder) => {
      const log = await AuditLog.open(join(folder, "journal"), options);
      await log.append(info);
      harm(join(folder, "journal"));
      await expect(log.append(info)).rejects.toThrow(refusal("AUDIT_UNAVAILABLE"));
      await expect(log.reopen()).rejects.toThrow(refusal("AUDIT_FORKED"));
      await log.close().catch(() => undefined);
    });
  });

  test("a folder that was moved away is still the journal that is written", async () => {
    await withFolder(async (folder) => {
      const journal = await Journal.open(join(folder, "journal"), options);
      renameSync(join(folder, "journal"), join(folder, "moved"));
      await journal.append(info);
      expect(readRecords(join(folder, "moved"))).toHaveLength(2);
      await journal.close().catch(() => undefined);
    });
  });
});

function works(command: string, ...args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

function canMount(): boolean {
  if (process.getuid?.() !== 0) return false;
  const folder = join(process.env["TMPDIR"] ?? "/tmp", `audit-mount-${process.pid}`);
  mkdirSync(folder);
  try {
    if (!works("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder)) return false;
    return works("umount", folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
