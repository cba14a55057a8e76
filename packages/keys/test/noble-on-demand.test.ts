import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Curves, curves } from "#noble-curves";
import { nobleHmac, nobleSha256 } from "#noble-hashes";

const { getBuiltinModule } = process;

beforeEach(() => {
  vi.resetModules();
});
afterEach(() => {
  process.getBuiltinModule = getBuiltinModule;
});

describe("noble, read when it is first needed", () => {
  test("gives what noble read with the package gives, and answers alike", async () => {
    const onDemand = await import("../src/noble/on-demand.ts");
    expect(Object.keys(onDemand.curves())).toEqual(expect.arrayContaining(Object.keys(curves())));

    const secret = new Uint8Array(32).fill(7);
    const text = new TextEncoder().encode("text");
    const signed = ({ p256, ed25519 }: Curves): Uint8Array[] => [
      p256.sign(text, secret),
      ed25519.sign(text, secret),
    ];
    expect(signed(onDemand.curves())).toEqual(signed(curves()));
    expect(onDemand.nobleHmac()(onDemand.nobleSha256(), secret, text)).toEqual(
      nobleHmac()(nobleSha256(), secret, text),
    );
  });

  test("is read once", async () => {
    const onDemand = await import("../src/noble/on-demand.ts");
    expect(onDemand.curves()).toBe(onDemand.curves());
    expect(onDemand.nobleSha256()).toBe(onDemand.nobleSha256());
  });

  test("is an unavailable engine where Node hides its modules", async () => {
    const onDemand = await import("../src/noble/on-demand.ts");
    Object.assign(process, { getBuiltinModule: undefined });
    const unavailable = expect.objectContaining({ code: "KEY_ENGINE_UNAVAILABLE" }) as Error;
    expect(onDemand.curves).toThrow(unavailable);
    expect(onDemand.nobleHmac).toThrow(unavailable);
    expect(onDemand.nobleSha256).toThrow(unavailable);
  });
});
