import { release } from "node:os";
import type { TierName } from "../tiers/tier.ts";
import { type Attack, both, ends, says } from "./attack.ts";
import { WORKS } from "./socket-probe.ts";

/** Calls that do work on a bare kernel, by way of Python's ctypes; `-` where the interpreter has none. */
const SYSCALL = `
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def call(*arguments):
    return ctypes.get_errno() if libc.syscall(*arguments) == -1 else 0
`;

/** There the calls are answered by a kernel that is the guest's alone: what it grants, it grants of itself. */
const OWN_KERNEL: readonly TierName[] = ["gvisor"];

/** Machines of somebody else: how large they are, and what is in them, is theirs to say. */
const HOSTED: readonly TierName[] = ["e2b"];

/** Programs that look or reach outside. */
export const escapeAttacks: readonly Attack[] = [
  {
    title: "nothing of the host's environment is there",
    language: "sh",
    code: "cat /proc/*/environ 2>/dev/null | tr '\\0' '\\n' | grep -c CANARY; env | grep -c CANARY; true",
    judge: says("0\n0"),
  },
  {
    title: "the host's processes cannot be seen",
    language: "sh",
    code: 'set -- /proc/[0-9]*; test $# -lt 6 && echo few || echo "$#"',
    judge: says("few"),
    notIn: ["native", ...HOSTED],
  },
  {
    title: "the host's secrets cannot be read",
    language: "sh",
    code: "cat /etc/shadow /root/.ssh/* /root/.bash_history /home/*/.ssh/* /proc/1/environ 2>/dev/null | grep -c '[a-z]'; for d in /run /var /home /root; do ls -A $d; done 2>/dev/null | wc -l",
    judge: ({ stdout }) => (/^\d*\n?0$/.test(stdout.text().trim()) ? undefined : stdout.text()),
    notIn: ["native", ...HOSTED],
  },
  {
    title: "the shadow file cannot be read",
    language: "sh",
    code: "cat /etc/shadow 2>/dev/null || echo no",
    judge: says("no"),
  },
  {
    title: "there is no network: no address, no name, no metadata service",
    language: "python3",
    code: `
import socket
${WORKS}
print(any([
    works(socket.AF_INET, socket.SOCK_STREAM, ("1.1.1.1", 443)),
    works(socket.AF_INET, socket.SOCK_DGRAM, ("1.1.1.1", 53)),
    works(socket.AF_INET, socket.SOCK_STREAM, ("169.254.169.254", 80)),
    works(socket.AF_INET6, socket.SOCK_DGRAM, ("2606:4700:4700::1111", 53)),
]))`,
    judge: both(ends("exited"), says("False")),
    notIn: ["native"],
  },
  {
    title: "families of sockets that no namespace confines are refused",
    language: "python3",
    code: `
import socket
for family in (40, 38, 17, 16):
    try:
        socket.socket(family, socket.SOCK_RAW if family == 17 else socket.SOCK_SEQPACKET if family == 38 else socket.SOCK_DGRAM if family == 16 else socket.SOCK_STREAM)
        print(family, "made")
    except OSError as error:
        print(family, error.errno)`,
    judge: ({ stdout }) =>
      /^40 (?:97|1)\n38 (?:97|1)\n17 (?:97|1)\n16 made$/.test(stdout.text().trim())
        ? undefined
        : stdout.text(),
    notIn: ["native", ...HOSTED],
  },
  {
    title: "calls that widen the way out are refused",
    language: "python3",
    code: `${SYSCALL}
import platform
numbers = {
    "x86_64": dict(unshare=272, mount=165, ptrace=101, keyctl=250, add_key=248, io_uring_setup=425, bpf=321,
                   userfaultfd=323, perf_event_open=298, process_vm_readv=310, setns=308, open_by_handle_at=304),
    "aarch64": dict(unshare=97, mount=40, ptrace=117, keyctl=219, add_key=217, io_uring_setup=425, bpf=280,
                    userfaultfd=282, perf_event_open=241, process_vm_readv=270, setns=268, open_by_handle_at=265),
}[platform.machine()]
print(" ".join(name for name, number in numbers.items() if call(number, 0, 0, 0, 0, 0, 0) != 1) or "all refused")`,
    judge: both(ends("exited"), says("all refused")),
    notIn: ["native", ...OWN_KERNEL, ...HOSTED],
  },
  {
    title: "the kernel that answers is not the host's",
    language: "sh",
    code: "uname -r",
    judge: ({ stdout }) => (stdout.text().trim() === release() ? "it is the host's" : undefined),
    notIn: ["native", "namespace", "docker"],
  },
  {
    title: "mounting does not work, whatever namespaces there are",
    language: "sh",
    code: "mount -t tmpfs none /workspace 2>/dev/null && echo mounted; chroot / true 2>/dev/null && echo chroot; echo done",
    judge: says("done"),
  },
  {
    title: "no user namespace inside gives power back",
    language: "sh",
    code: "unshare --user --map-root-user true 2>/dev/null && echo yes || echo no",
    judge: says("no"),
    notIn: ["native", ...HOSTED],
  },
  {
    title: "threads and children can still be made",
    language: "python3",
    code: `
import subprocess, threading
thread = threading.Thread(target=lambda: print("thread", flush=True))
thread.start()
thread.join()
print(subprocess.run(["echo", "child"], capture_output=True, text=True).stdout.strip())`,
    judge: both(ends("exited"), says("thread\nchild")),
  },
  {
    title: "no program gives privilege, and none is left",
    language: "sh",
    code: "grep -E '^(NoNewPrivs|CapEff|CapPrm|CapBnd)' /proc/self/status | tr -d '\\t ' | sort | tr '\\n' ' '",
    // gVisor has the first of them and does not list it.
    judge: ({ stdout }) =>
      /^CapBnd:0+ CapEff:0+ CapPrm:0+ NoNewPrivs:1$/.test(stdout.text().trim()) ||
      // A host that is not root cannot take from its bounding set, and needs not.
      /^CapBnd:[0-9a-f]+ CapEff:0+ CapPrm:0+ NoNewPrivs:1$/.test(stdout.text().trim())
        ? undefined
        : stdout.text(),
    notIn: ["gvisor"],
  },
  {
    title: "no capability is left",
    language: "sh",
    code: "grep -E '^Cap(Eff|Prm)' /proc/self/status | grep -vc ':[[:space:]]*0*$'",
    judge: says("0"),
  },
  {
    title: "a program that is marked to run as its owner gains nothing",
    language: "sh",
    code: "cp /bin/sh su && chmod u+s su; ./su -c 'cat /proc/self/status' | grep -E '^Cap(Eff|Prm)' | grep -vc ':[[:space:]]*0*$'",
    judge: says("0"),
  },
  {
    title: "the kernel's switches cannot be set",
    language: "sh",
    code: 'for p in kernel/core_pattern kernel/modprobe net/ipv4/ip_forward; do (echo x > /proc/sys/$p) 2>/dev/null && echo "$p"; done; (echo x > /proc/sysrq-trigger) 2>/dev/null && echo sysrq; echo done',
    judge: says("done"),
  },
  {
    title: "there is no terminal to type on",
    language: "sh",
    code: "(: > /dev/tty) 2>/dev/null && echo yes || echo no",
    judge: says("no"),
  },
  {
    title: "a crash leaves no core behind",
    language: "sh",
    code: "ulimit -c unlimited 2>/dev/null; sh -c 'kill -SEGV $$' 2>/dev/null; ls | grep -c core",
    judge: ({ stdout }) => (stdout.text().trim() === "0" ? undefined : stdout.text()),
  },
  {
    title: "only the three streams are open",
    language: "sh",
    code: "for d in /proc/self/fd/*; do readlink $d; done | grep -v -e /dev/null -e socket: -e pipe: -e host: -e /proc/ -e /fd | wc -l",
    judge: says("0"),
  },
];
