import { SYSCALLS, type SyscallTable } from "./syscall-numbers.ts";

const LOAD = 0x20;
const JUMP_EQUAL = 0x15;
const JUMP_AT_LEAST = 0x35;
const JUMP_BITS = 0x45;
const RETURN = 0x06;

const ALLOW = 0x7fff_0000;
const KILL_PROCESS = 0x8000_0000;
const ERRNO = 0x0005_0000;
const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;

const NUMBER_OFFSET = 0;
const ARCH_OFFSET = 4;
const ARGUMENT_OFFSET = 16;
const X32_BIT = 0x4000_0000;
const CLONE_NEWUSER = 0x1000_0000;
/** AF_UNIX, AF_INET, AF_INET6, AF_NETLINK: the network namespace confines these, and no others. */
const FAMILIES = [1, 2, 10, 16];

type Instruction = readonly [code: number, whenTrue: number, whenFalse: number, value: number];

/**
 * The filter of the namespace tier as the kernel reads it: classic BPF, little-endian. It takes away what a namespace
 * does not confine (keys, tracing, io_uring, bpf, sockets of the hypervisor) and the way to more privilege inside a
 * nested namespace. Undefined on processors whose numbers are not known here.
 *
 * @see https://www.kernel.org/doc/html/latest/userspace-api/seccomp_filter.html
 */
export function seccompFilter(arch: string = process.arch): Uint8Array | undefined {
  const table = SYSCALLS[arch];
  return table === undefined ? undefined : encode(program(table));
}

function program({ auditArch, numbers }: SyscallTable): readonly Instruction[] {
  const denied = [...numbers.denied].sort((a, b) => a - b);
  const refuse = (errno: number): Instruction => [RETURN, 0, 0, ERRNO | errno];
  return [
    [LOAD, 0, 0, ARCH_OFFSET],
    [JUMP_EQUAL, 1, 0, auditArch],
    [RETURN, 0, 0, KILL_PROCESS],
    [LOAD, 0, 0, NUMBER_OFFSET],
    [JUMP_AT_LEAST, 0, 1, X32_BIT],
    [RETURN, 0, 0, KILL_PROCESS],
    ...denied.flatMap((number): Instruction[] => [[JUMP_EQUAL, 0, 1, number], refuse(EPERM)]),
    // Its flags are behind a pointer, where a filter cannot look: C libraries fall back to clone.
    [JUMP_EQUAL, 0, 1, numbers.clone3],
    refuse(ENOSYS),
    [JUMP_EQUAL, 0, 4, numbers.clone],
    [LOAD, 0, 0, ARGUMENT_OFFSET],
    [JUMP_BITS, 0, 1, CLONE_NEWUSER],
    refuse(EPERM),
    [RETURN, 0, 0, ALLOW],
    [JUMP_EQUAL, 0, FAMILIES.length + 2, numbers.socket],
    [LOAD, 0, 0, ARGUMENT_OFFSET],
    ...FAMILIES.map((family, index): Instruction => [JUMP_EQUAL, FAMILIES.length - index, 0, family]),
    refuse(EAFNOSUPPORT),
    [RETURN, 0, 0, ALLOW],
  ];
}

/** `struct sock_filter`: u16 code, u8 jt, u8 jf, u32 k. */
function encode(instructions: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(instructions.length * 8);
  const view = new DataView(bytes.buffer);
  for (const [index, [code, whenTrue, whenFalse, value]] of instructions.entries()) {
    view.setUint16(index * 8, code, true);
    view.setUint8(index * 8 + 2, whenTrue);
    view.setUint8(index * 8 + 3, whenFalse);
    view.setUint32(index * 8 + 4, value >>> 0, true);
  }
  return bytes;
}
