import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seccompFilter } from "../src/tiers/namespace/seccomp-filter.ts";
import { SYSCALLS } from "../src/tiers/namespace/syscall-numbers.ts";

const ALLOW = 0x7fff_0000;
const KILL = 0x8000_0000;
const errno = (number: number): number => 0x0005_0000 | number;

/** What the kernel does with a filter: a machine with one register that only looks and jumps forward. */
function run(
  filter: Uint8Array,
  call: { readonly arch: number; readonly number: number; readonly first: number },
): number {
  const view = new DataView(filter.buffer, filter.byteOffset, filter.length);
  const data = new Map([
    [0, call.number],
    [4, call.arch],
    [16, call.first],
  ]);
  let register = 0;
  for (let index = 0; index < filter.length / 8; index += 1) {
    const code = view.getUint16(index * 8, true);
    const value = view.getUint32(index * 8 + 4, true);
    const jump = (holds: boolean): number => view.getUint8(index * 8 + (holds ? 2 : 3));
    if (code === 0x06) return value;
    if (code === 0x20) register = (data.get(value) as number) >>> 0;
    else if (code === 0x15) index += jump(register === value);
    else if (code === 0x35) index += jump(register >= value);
    else if (code === 0x45) index += jump((register & value) >>> 0 !== 0);
    else throw new Error(`unknown instruction ${code}`);
  }
  throw new Error("the filter ends without an answer");
}

describe.each(Object.entries(SYSCALLS))("the filter for %s", (arch, { auditArch, numbers }) => {
  const filter = seccompFilter(arch) as Uint8Array;
  const ask = (number: number, first = 0, asked = auditArch): number =>
    run(filter, { arch: asked, number, first });

  test("refuses every call of the list, and allows the others", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 600 }), (number) => {
        if (number === numbers.clone || number === numbers.clone3 || number === numbers.socket) return;
        expect(ask(number)).toBe(numbers.denied.includes(number) ? errno(1) : ALLOW);
      }),
      { numRuns: 2_000 },
    );
  });

  test("ends a process that calls by the numbers of another processor", () => {
    expect(ask(1, 0, 0x4000_0003)).toBe(KILL);
    expect(ask(0x4000_0001)).toBe(KILL);
    expect(ask(0xffff_ffff)).toBe(KILL);
  });

  test("lets threads be made, but no user namespace", () => {
    expect(ask(numbers.clone, 0x003d_0f00)).toBe(ALLOW);
    expect(ask(numbers.clone, 0x1000_0011)).toBe(errno(1));
    expect(ask(numbers.clone3)).toBe(errno(38));
  });

  test("knows four families of sockets", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 64 }), (family) => {
        expect(ask(numbers.socket, family)).toBe([1, 2, 10, 16].includes(family) ? ALLOW : errno(97));
      }),
    );
  });
});

test("there is none for a processor that is not known", () => {
  expect(seccompFilter("mips")).toBeUndefined();
});
