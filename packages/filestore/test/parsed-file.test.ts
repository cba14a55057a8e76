import { chmodSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ParsedFile, replaceFile } from "@symbiont/filestore";
import { describe, expect, test, vi } from "vitest";
import { refusal } from "./refusal.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function place() {
  const path = join(temporaryDirectory(), "file");
  const parse = vi.fn((file: { readonly bytes: Uint8Array } | undefined) => ({
    text: file === undefined ? undefined : new TextDecoder().decode(file.bytes),
  }));
  return { path, parse, file: new ParsedFile(path, { maxBytes: 100, parse }) };
}

describe("a parsed file", () => {
  test("is parsed once, and given at once from then on", async () => {
    const { path, parse, file } = place();
    await replaceFile(path, bytes("a"));
    const first = await file.read();
    expect(first.text).toBe("a");
    expect(file.read()).toBe(first);
    expect(parse).toHaveBeenCalledTimes(1);
  });

  test("is what stands there now, also when it appears, changes or goes", async () => {
    const { path, parse, file } = place();
    expect(file.read()).toEqual({ text: undefined });
    expect(file.read()).toBe(file.read());
    await replaceFile(path, bytes("a"));
    expect(await file.read()).toEqual({ text: "a" });
    await replaceFile(path, bytes("b"));
    expect(await file.read()).toEqual({ text: "b" });
    rmSync(path);
    expect(file.read()).toEqual({ text: undefined });
    expect(parse).toHaveBeenCalledTimes(4);
  });

  test("is read once for readers that come together", async () => {
    const { path, parse, file } = place();
    await replaceFile(path, bytes("a"));
    const all = await Promise.all(Array.from({ length: 50 }, async () => file.read()));
    expect(new Set(all).size).toBe(1);
    expect(parse).toHaveBeenCalledTimes(1);
  });

  test("never gives a reader what was there before the reader came", async () => {
    const { path, file } = place();
    for (let round = 0; round < 50; round += 1) {
      await replaceFile(path, bytes(String(round)));
      const early = file.read();
      await replaceFile(path, bytes(`${round}!`));
      expect(await file.read()).toEqual({ text: `${round}!` });
      await early;
    }
  });

  test("fails with the same error until it changes, without being parsed again", async () => {
    const path = join(temporaryDirectory(), "file");
    const parse = vi.fn((file: { readonly bytes: Uint8Array } | undefined) => {
      if (file?.bytes[0] === 0x21) throw new RangeError("broken");
      return "good";
    });
    const file = new ParsedFile(path, { maxBytes: 100, parse });
    await replaceFile(path, bytes("!"));
    await expect(file.read()).rejects.toThrow("broken");
    expect(() => file.read()).toThrow("broken");
    expect(parse).toHaveBeenCalledTimes(1);
    await replaceFile(path, bytes("."));
    expect(await file.read()).toBe("good");
  });

  test("fails when it cannot be trusted, and not when it went away while it was read", async () => {
    const { path, file } = place();
    await replaceFile(path, bytes("a"));
    chmodSync(path, 0o644);
    await expect(file.read()).rejects.toMatchObject(refusal("FILE_NOT_PRIVATE"));
    chmodSync(path, 0o600);
    await replaceFile(path, bytes("x".repeat(101)));
    await expect(file.read()).rejects.toMatchObject(refusal("FILE_TOO_LARGE"));
    await replaceFile(path, bytes("a"));
    const reading = file.read();
    rmSync(path);
    expect([undefined, "a"]).toContain((await reading).text);
    expect(file.read()).toEqual({ text: undefined });
  });
});
