import { afterEach, expect, test, vi } from "vitest";
import { openJournal, refusal } from "./journal-fixtures.ts";
import { readRecords } from "./read-records.ts";
import { withFolder } from "./temporary-folder.ts";

const disk = vi.hoisted(() => ({ type: undefined as number | undefined }));
vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  const statfsSync = (path: string): unknown =>
    disk.type === undefined ? fs.statfsSync(path) : Object.assign(fs.statfsSync(path), { type: disk.type });
  return { ...fs, statfsSync, default: { ...fs, statfsSync } };
});

const NFS = 0x6969;

afterEach(() => {
  disk.type = undefined;
  vi.unstubAllEnvs();
});

test.runIf(process.platform === "linux").each([
  ["NFS", NFS],
  ["CIFS", 0xff534d42 | 0],
  ["SMB 2", 0xfe534d42],
  ["Ceph", 0x00c36400],
])("a folder on %s is refused", async (name, type) => {
  await withFolder(async (folder) => {
    disk.type = type;
    await expect(openJournal(folder)).rejects.toThrow(refusal("AUDIT_UNAVAILABLE"));
    await expect(openJournal(folder)).rejects.toThrow(name);
  });
});

test.runIf(process.platform === "linux")(
  "one that is allowed is on record, and not in production",
  async () => {
    await withFolder(async (folder) => {
      disk.type = NFS;
      vi.stubEnv("SYMBIONT_ENV", "production");
      await expect(openJournal(folder, { allowNetworkFileSystem: true })).rejects.toThrow("production");
      vi.stubEnv("SYMBIONT_ENV", "test");
      await (await openJournal(folder, { allowNetworkFileSystem: true })).close();
      expect(readRecords(folder)[0]).toMatchObject({
        type: "journal.open",
        data: { networkFileSystem: true },
      });
    });
  },
);

test("a local disk is not taken for one", async () => {
  await withFolder(async (folder) => {
    await (await openJournal(folder)).close();
    expect(readRecords(folder)[0].data).toEqual({ reason: "created" });
  });
});
