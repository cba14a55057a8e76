import { concatBytes, encodeUtf8 } from "@symbiont/kit";
import { hkdf } from "@symbiont/kit/hkdf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { recordKeys } from "../src/segments/record-keys.ts";

const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length });

test("keys of records are those of the runtime's own HKDF", () => {
  fc.assert(
    fc.property(
      bytes(32),
      bytes(16),
      fc.oneof(fc.maxSafeNat(), fc.nat(10)),
      fc.uint8Array({ maxLength: 64 }),
      (dek, segment, sequence, salt) => {
        const number = new Uint8Array(8);
        new DataView(number.buffer).setBigUint64(0, BigInt(sequence));
        const info = concatBytes(encodeUtf8("model-log/1/record\0"), segment, number);
        const expected = hkdf(dek, { salt, info, length: 44 });
        const { key, nonce } = recordKeys(dek, { segment, sequence }, salt);
        expect(concatBytes(key, nonce)).toEqual(expected);
      },
    ),
    { numRuns: 500 },
  );
});

test("what one record was sealed with does not change with the next", () => {
  const place = { segment: new Uint8Array(16), sequence: 1 };
  const first = recordKeys(new Uint8Array(32).fill(1), place, new Uint8Array(16));
  const copy = [...first.key, ...first.nonce];
  recordKeys(new Uint8Array(32).fill(2), place, new Uint8Array(16));
  expect([...first.key, ...first.nonce]).toEqual(copy);
});

test.each([
  [31, 16, 16],
  [32, 15, 16],
  [32, 16, 65],
])("%i bytes of key, %i of segment and %i of salt are refused", (dek, segment, salt) => {
  const place = { segment: new Uint8Array(segment), sequence: 1 };
  expect(() => recordKeys(new Uint8Array(dek), place, new Uint8Array(salt))).toThrow(RangeError);
});
