import { execFileSync, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { extractTar, readTar, SandboxError, type TarBounds, writeTar } from "@symbiont/sandbox";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "tar-"));
afterAll(() => rmSync(folder, { recursive: true }));
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

interface Entry {
  readonly name: string;
  readonly type?: string;
  readonly content?: string | Uint8Array;
  readonly size?: string;
  readonly link?: string;
  readonly prefix?: string;
}

/** Whatever it is told, right or wrong, with a checksum that fits. */
function archive(...entries: readonly Entry[]): Buffer {
  const blocks = entries.flatMap(({ name, type = "0", content = "", size, link = "", prefix = "" }) => {
    const data = Buffer.from(content as string);
    const header = Buffer.alloc(512);
    header.write(name, 0, 100, "utf8");
    header.write("0000644\0", 100);
    header.write(size ?? `${data.length.toString(8).padStart(11, "0")}\0`, 124, "latin1");
    header.write("        ", 148);
    header.write(type, 156);
    header.write(link, 157);
    header.write("ustar\x0000", 257, "latin1");
    header.write(prefix, 345);
    const sum = header.reduce((all, byte) => all + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
    return [header, data, Buffer.alloc((512 - (data.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

function pax(key: string, value: string): Entry {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return { name: "pax", type: "x", content: `${length}${rest}` };
}

async function* pieces(data: Uint8Array, size = 1_000): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < data.length; offset += size) yield data.subarray(offset, offset + size);
}

async function read(
  data: Uint8Array,
  bounds: TarBounds = {},
): Promise<{ readonly files: Record<string, string>; readonly rejected: readonly string[] }> {
  const files: Record<string, string> = {};
  const rejected = await readTar(
    pieces(data),
    (name, content) => {
      files[name] = Buffer.from(content).toString("latin1");
    },
    bounds,
  );
  return { files, rejected: rejected.map(({ name, reason }) => `${reason}: ${name}`) };
}

describe("an archive", () => {
  test("gives back what was put in, whatever pieces it comes in", async () => {
    const part = fc.stringMatching(/^[a-z0-9é ]{1,60}$/).filter((text) => text !== "." && text !== "..");
    const file = fc.tuple(
      fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/")),
      fc.uint8Array({ maxLength: 2_000 }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(file, { maxLength: 5 }),
        fc.integer({ min: 1, max: 3_000 }),
        async (given, size) => {
          const unique = new Map(
            given.map(([name, content]) => [name.normalize("NFC").toLowerCase(), [name, content] as const]),
          );
          const files = [...unique.values()].filter(([name]) => Buffer.byteLength(name) < 250);
          const found = new Map<string, Uint8Array>();
          const rejected = await readTar(
            pieces(Buffer.concat([...writeTar(files)]), size),
            (name, content) => void found.set(name, content),
          );
          expect([...found]).toEqual(files.map(([name, content]) => [name, new Uint8Array(content)]));
          expect(rejected).toEqual([]);
        },
      ),
    );
  });

  test("that we write is read by another archiver, and the other way round", async () => {
    const root = join(folder, "other");
    mkdirSync(root);
    const long = `${"deep/".repeat(30)}file`;
    const child = spawn("tar", ["-x", "-C", root], { stdio: ["pipe", "ignore", "inherit"] });
    child.stdin.end(
      Buffer.concat([
        ...writeTar([
          ["a/b", bytes("1")],
          [long, bytes("2")],
        ]),
      ]),
    );
    await new Promise((resolve) => child.on("exit", resolve));
    expect([readFileSync(join(root, "a/b"), "utf8"), readFileSync(join(root, long), "utf8")]).toEqual([
      "1",
      "2",
    ]);
    symlinkSync("/etc/passwd", join(root, "link"));
    for (const format of ["gnu", "pax", "ustar"]) {
      const { files, rejected } = await read(
        execFileSync("tar", ["-C", root, `--format=${format}`, "-c", "."]),
      );
      expect(files).toEqual({ "a/b": "1", [long]: "2" });
      expect(rejected).toEqual(["type: ./link"]);
    }
  });

  test.each(["../x", "/x", "a/../../x", "a//b", "", ".", "..", "a/./b", "C:x", "a\\b", "a\nb"])(
    "cannot name a file %j",
    async (name) => {
      expect(await read(archive({ name, content: "x" }, { name: "good", content: "y" }))).toEqual({
        files: { good: "y" },
        rejected: [`name: ${name.replace("\n", "?")}`],
      });
      if (name !== "") expect((await read(archive(pax("path", name), { name: "inner" }))).files).toEqual({});
    },
  );

  test.each("123467SDMNVAX".split(""))("cannot hold an entry of type %s", async (type) => {
    const { files, rejected } = await read(
      archive({ name: "x", type, link: "/etc/passwd" }, { name: "good" }),
    );
    expect([files, rejected]).toEqual([{ good: "" }, ["type: x"]]);
  });

  test("cannot hold a file with holes", async () => {
    const sparse = archive(pax("GNU.sparse.major", "1"), { name: "x", content: "y" }, { name: "good" });
    expect(await read(sparse)).toEqual({ files: { good: "" }, rejected: ["type: x"] });
  });

  test("cannot put a file through a link that it has brought, or found", async () => {
    const root = join(folder, "root");
    mkdirSync(root);
    symlinkSync("/tmp", join(root, "found"));
    writeFileSync(join(root, "there"), "old");
    const evil = archive({ name: "d", type: "2", link: "/tmp" }, { name: "d/brought", content: "x" });
    expect(await extractTar(pieces(evil), root)).toMatchObject([{ reason: "type" }]);
    expect(readFileSync(join(root, "d/brought"), "utf8")).toBe("x");
    for (const name of ["found/x", "there", "there/x"])
      await expect(extractTar(pieces(archive({ name, content: "x" })), root)).rejects.toMatchObject({
        code: "SANDBOX_FILE_REFUSED",
      });
    expect(existsSync("/tmp/brought")).toBe(false);
    expect([readFileSync(join(root, "there"), "utf8"), readdirSync(root).sort()]).toEqual([
      "old",
      ["d", "found", "there"],
    ]);
  });

  test("cannot hold two names that a file system may take for one", async () => {
    const { files, rejected } = await read(
      archive(
        { name: "a", content: "1" },
        { name: "A" },
        { name: "./a" },
        { name: "\u00e9" },
        { name: "e\u0301" },
      ),
    );
    expect(Object.keys(files)).toEqual(["a", "\u00e9"]);
    expect(rejected).toEqual(["duplicate: A", "duplicate: ./a", "duplicate: e\u0301"]);
  });

  test.each([
    ["a file of four gigabytes", archive({ name: "x", size: "37777777777\0" })],
    ["a size beyond all numbers", archive({ name: "x", size: `\x80${"\xff".repeat(11)}` })],
    ["a negative size", archive({ name: "x", size: `\xff${"\xff".repeat(11)}` })],
    ["a size that is no number", archive({ name: "x", size: "-0000000001\0" })],
    ["a size by extension that is none", archive(pax("size", "-1"), { name: "x" })],
    ["a size by extension that is huge", archive(pax("size", "99999999999"), { name: "x" })],
    ["an extension without end", archive({ name: "p", type: "x", content: "99 path=x\n" })],
    ["an extension of nothing", archive({ name: "p", type: "x", content: "0 x" })],
    ["an extension that is too long", archive({ name: "p", type: "L", content: "x".repeat(70_000) })],
    ["extensions without end", archive(...Array.from({ length: 30 }, () => pax("comment", "x")))],
    ["too many entries", archive(...Array.from({ length: 30 }, (_, index) => ({ name: `f${index}` })))],
    [
      "too many folders",
      archive(...Array.from({ length: 30 }, (_, index) => ({ name: `f${index}/`, type: "5" }))),
    ],
    [
      "too many bytes in all",
      archive({ name: "a", content: "x".repeat(600) }, { name: "b", content: "x".repeat(600) }),
    ],
    ["an end in the middle", archive({ name: "a", content: "x".repeat(600) }).subarray(0, 700)],
    ["an end in a header", archive({ name: "a" }).subarray(0, 100)],
    ["a wrong checksum", Buffer.from(archive({ name: "a" })).fill("b", 0, 1)],
    ["something else", Buffer.from("PK\x03\x04".padEnd(600, "x"))],
  ])("with %s is refused", async (_what, data) => {
    await expect(read(data, { maxEntries: 20, maxBytes: 1_000 })).rejects.toMatchObject({
      code: "SANDBOX_FILE_REFUSED",
    });
  });

  test("of zeros is empty, and one that only begins with an entry is read no further", async () => {
    expect(await read(Buffer.alloc(2_000_000))).toEqual({ files: {}, rejected: [] });
  });

  test("of any bytes never does anything else than be read or refused", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 600 }),
        fc.nat(2_000),
        fc.constantFrom(
          archive({ name: "a", content: "x" }, { name: "b/c", content: "y" }),
          archive(pax("path", "z"), { name: "a" }),
        ),
        async (noise, at, good) => {
          const data = Buffer.from(good);
          data.set(noise.subarray(0, Math.max(0, data.length - at)), Math.min(at, data.length));
          await read(data).catch((error: unknown) => expect(SandboxError.is(error)).toBe(true));
        },
      ),
    );
  });
});
