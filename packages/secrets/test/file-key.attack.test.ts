import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { type FileKeyOptions, fileKey, symbiontKeyFile } from "@symbiont/secrets/key-providers/file";
import { beforeEach, describe, expect, test } from "vitest";
import { temporaryFolder } from "./temporary-folder.ts";

const REQUEST = { storeId: "00112233445566778899aabbccddeeff" };
const WORDS = "correct horse battery staple";
const STRANGER = 54_321;
const isRoot = process.getuid?.() === 0;
const mounted: FileKeyOptions = { access: "mounted" };
const inFolder = temporaryFolder();

beforeEach(() => {
  rmSync(inFolder("place"), { recursive: true, force: true });
  mkdirSync(inFolder("place"), { mode: 0o700 });
});

function written(name: string, mode: number): string {
  const path = inFolder("place", name);
  writeFileSync(path, WORDS);
  chmodSync(path, mode);
  return path;
}

async function refused(
  path: string,
  options?: FileKeyOptions,
  code = "SECRET_FILE_NOT_PRIVATE",
): Promise<void> {
  await expect(fileKey(path, options).load(REQUEST)).rejects.toMatchObject({ code });
}

describe("a file that only its owner should touch", () => {
  test.each([0o640, 0o604, 0o660, 0o606, 0o644, 0o666, 0o440, 0o610, 0o601])(
    "is refused with mode %o, also where it is Symbiont's",
    async (mode) => {
      const path = written("key", mode);
      await refused(path);
      await expect(symbiontKeyFile({ path }).load(REQUEST)).rejects.toMatchObject({
        code: "SECRET_FILE_NOT_PRIVATE",
      });
    },
  );

  test.each([0o600, 0o400, 0o700])("is read with mode %o", async (mode) => {
    expect(await fileKey(written("key", mode)).load(REQUEST)).toMatchObject({ passphrase: WORDS });
  });

  test("is refused as soon as its mode changes, not only the first time", async () => {
    const path = written("key", 0o600);
    const provider = fileKey(path);
    await provider.load(REQUEST);
    chmodSync(path, 0o644);
    await expect(provider.load(REQUEST)).rejects.toMatchObject({ code: "SECRET_FILE_NOT_PRIVATE" });
  });

  test("is refused behind a symbolic link, with a hint", async () => {
    written("key", 0o600);
    symlinkSync("key", inFolder("place", "link"));
    await expect(fileKey(inFolder("place", "link")).load(REQUEST)).rejects.toMatchObject({
      code: "SECRET_FILE_NOT_PRIVATE",
      message: expect.stringContaining("access to mounted") as unknown,
    });
  });

  test("is refused in a folder where others may put another one in its place", async () => {
    const path = written("key", 0o600);
    chmodSync(inFolder("place"), 0o777);
    await refused(path);
    await refused(path, mounted);
    chmodSync(inFolder("place"), 0o1777);
    expect(await fileKey(path).load(REQUEST)).toMatchObject({ passphrase: WORDS });
  });

  test.skipIf(!isRoot)(
    "is refused when it, or its folder, belongs to somebody else (skipped: needs root)",
    async () => {
      const path = written("key", 0o600);
      chownSync(path, STRANGER, STRANGER);
      await refused(path);
      await refused(path, mounted);
      chownSync(path, 0, 0);
      chownSync(inFolder("place"), STRANGER, STRANGER);
      await refused(path);
      await refused(path, mounted);
    },
  );
});

describe("what is no file", () => {
  test("is refused: a folder, a device, a FIFO on which nobody writes", async () => {
    execFileSync("mkfifo", ["-m", "600", inFolder("place", "fifo")]);
    for (const options of [{}, mounted]) {
      await refused(inFolder("place"), options, "SECRET_KEY_INVALID");
      await refused(inFolder("place", "fifo"), options, "SECRET_KEY_INVALID");
    }
    await refused("/dev/zero", mounted, "SECRET_KEY_INVALID");
  });
});

describe("a mounted credential", () => {
  test.each([0o400, 0o440, 0o444, 0o600, 0o640, 0o644])("is read with mode %o", async (mode) => {
    expect(await fileKey(written("key", mode), mounted).load(REQUEST)).toMatchObject({ passphrase: WORDS });
  });

  test.each([0o664, 0o646, 0o666, 0o620, 0o602, 0o611, 0o755])(
    "is refused with mode %o: others could change it, or it is a program",
    async (mode) => refused(written("key", mode), mounted),
  );

  /** What the kubelet makes: the file links through `..data` to a folder with a time in its name. */
  function kubernetesMount(): { readonly path: string; update(content: string): void } {
    const mount = inFolder("place", "mount");
    mkdirSync(mount);
    chmodSync(mount, 0o1777);
    let version = 0;
    const update = (content: string): void => {
      version += 1;
      mkdirSync(`${mount}/..v${version}`);
      writeFileSync(`${mount}/..v${version}/key`, content);
      chmodSync(`${mount}/..v${version}/key`, 0o644);
      symlinkSync(`..v${version}`, `${mount}/..data_tmp`);
      renameSync(`${mount}/..data_tmp`, `${mount}/..data`);
      rmSync(`${mount}/..v${version - 1}`, { recursive: true, force: true });
    };
    update(WORDS);
    symlinkSync("..data/key", `${mount}/key`);
    return { path: `${mount}/key`, update };
  }

  test("is found through the links of a Kubernetes secret, and again after an update", async () => {
    const { path, update } = kubernetesMount();
    const provider = fileKey(path, mounted);
    expect(await provider.load(REQUEST)).toMatchObject({ passphrase: WORDS });
    update("a new passphrase for the store");
    expect(await provider.load(REQUEST)).toMatchObject({ passphrase: "a new passphrase for the store" });
  });

  test("is whole while the platform updates it again and again", async () => {
    const { path, update } = kubernetesMount();
    const provider = fileKey(path, mounted);
    for (let round = 0; round < 40; round += 1) {
      const loading = [provider.load(REQUEST), provider.load(REQUEST)];
      await new Promise((resolve) => setImmediate(resolve));
      update(`${WORDS} ${round}`);
      for (const material of await Promise.all(loading))
        expect(material).toMatchObject({ passphrase: expect.stringMatching(`^${WORDS}`) as unknown });
    }
  });

  test("is refused behind a folder in which others may change the links", async () => {
    written("key", 0o600);
    mkdirSync(inFolder("place", "shared"));
    symlinkSync("../key", inFolder("place", "shared", "key"));
    const path = inFolder("place", "shared", "key");
    expect(await fileKey(path, mounted).load(REQUEST)).toMatchObject({ passphrase: WORDS });
    chmodSync(inFolder("place", "shared"), 0o777);
    await refused(path, mounted);
    // Further up the path it is the same.
    chmodSync(inFolder("place", "shared"), 0o700);
    chmodSync(inFolder("place"), 0o770);
    await refused(path, mounted);
  });

  test.skipIf(!isRoot)(
    "is refused behind a link that somebody else has put there (skipped: needs root)",
    async () => {
      written("key", 0o644);
      chmodSync(inFolder("place"), 0o1777);
      symlinkSync("key", inFolder("place", "link"));
      expect(await fileKey(inFolder("place", "link"), mounted).load(REQUEST)).toMatchObject({
        passphrase: WORDS,
      });
      execFileSync("chown", ["-h", String(STRANGER), inFolder("place", "link")]);
      await refused(inFolder("place", "link"), mounted);
    },
  );

  test("is refused behind links that go round in a circle, and is missing behind one that leads nowhere", async () => {
    symlinkSync("b", inFolder("place", "a"));
    symlinkSync("a", inFolder("place", "b"));
    await refused(inFolder("place", "a"), mounted);
    unlinkSync(inFolder("place", "b"));
    expect(await fileKey(inFolder("place", "a"), mounted).load(REQUEST)).toBeUndefined();
  });

  test("is found along absolute links and dots", async () => {
    written("key", 0o444);
    mkdirSync(inFolder("place", "deep", "er"), { recursive: true });
    symlinkSync(inFolder("place", "deep"), inFolder("place", "absolute"));
    symlinkSync(".././../key", inFolder("place", "deep", "er", "key"));
    const path = inFolder("place", "absolute", "er", "key");
    expect(await fileKey(path, mounted).load(REQUEST)).toMatchObject({ passphrase: WORDS });
  });
});
