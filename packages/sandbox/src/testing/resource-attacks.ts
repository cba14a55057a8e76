import type { TierName } from "../tiers/tier.ts";
import { type Attack, both, ends, says } from "./attack.ts";

const MIB = 1024 * 1024;

/** There neither processes nor their time are counted for the host, and the enforcement says so. */
const NOT_COUNTED: readonly TierName[] = ["gvisor"];

/** Machines of somebody else: how large they are, and what is in them, is theirs to say. */
const HOSTED: readonly TierName[] = ["e2b"];

/** Programs that use up the host. */
export const resourceAttacks: readonly Attack[] = [
  {
    title: "a fork bomb runs into the limit of processes",
    language: "python3",
    code: `
import os, time
count = 0
try:
    while count < 500:
        if os.fork() == 0:
            time.sleep(30)
            os._exit(0)
        count += 1
except BlockingIOError:
    print("stopped", count < 70, flush=True)
os._exit(0)`,
    options: { limits: { processes: 64, wallMs: 10_000 } },
    judge: both(ends("exited"), says("stopped True")),
    notIn: NOT_COUNTED,
  },
  {
    title: "two thousand threads run into it too",
    language: "python3",
    code: `
import os, threading, time
count = 0
try:
    while count < 2000:
        threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
        count += 1
except RuntimeError:
    print("stopped", count < 70, flush=True)
os._exit(0)`,
    options: { limits: { wallMs: 10_000 } },
    judge: both(ends("exited"), says("stopped True")),
    notIn: NOT_COUNTED,
  },
  {
    title: "processes without end take only the guest's own memory",
    language: "sh",
    code: "f() { f | f & }; f; sleep 30",
    options: { limits: { memoryBytes: 128 * MIB, wallMs: 3_000 } },
    judge: ({ status }) => (status === "sandbox-failure" ? "something is left" : undefined),
    notIn: HOSTED,
  },
  {
    title: "memory that is touched runs out",
    language: "python3",
    code: `
blocks = []
try:
    while True:
        blocks.append(bytearray(8 << 20))
except MemoryError:
    print("stopped", len(blocks) < 20)`,
    options: { limits: { memoryBytes: 128 * MIB, wallMs: 10_000 } },
    judge: (result) =>
      result.status === "memory-limit" ? undefined : both(ends("exited"), says("stopped True"))(result),
    notIn: HOSTED,
  },
  {
    title: "memory of many processes together runs out",
    language: "python3",
    code: `
import os, time
for _ in range(8):
    if os.fork() == 0:
        block = bytearray(48 << 20)
        time.sleep(20)
        os._exit(0)
time.sleep(20)`,
    options: { limits: { memoryBytes: 128 * MIB, wallMs: 15_000 } },
    judge: ends("memory-limit"),
    notIn: HOSTED,
  },
  {
    title: "a file cannot grow past its limit, holes counted",
    language: "python3",
    code: `
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
try:
    open("big", "wb").truncate(1 << 40)
except OSError as error:
    print(error.strerror)`,
    judge: both(ends("exited"), says("File too large")),
  },
  {
    title: "the workspace fills up, and nothing else",
    language: "sh",
    code: "for i in 1 2 3 4; do head -c 4194304 /dev/zero > f$i || echo full; done 2>/dev/null",
    options: { limits: { workspaceBytes: 8 * MIB } },
    judge: (result) =>
      result.stdout.text().includes("full")
        ? undefined
        : `nothing was full: ${result.status} ${result.exitCode} ${result.stderr.text()}`,
    notIn: ["native", ...HOSTED],
  },
  {
    title: "so do /tmp and shared memory",
    language: "sh",
    code: "for d in /tmp /dev/shm; do head -c 33554432 /dev/zero > $d/f 2>/dev/null || echo full; done",
    judge: says("full\nfull"),
    notIn: ["native", ...HOSTED],
  },
  {
    title: "there is no other place to write",
    language: "sh",
    code: 'for p in /x /dev/x /etc/x /usr/x /proc/x /var/x /root/x; do (: > $p) 2>/dev/null && echo "$p"; done; echo done',
    judge: says("done"),
    // Without an engine, gVisor's guests own their /dev; see the next.
    notIn: ["gvisor", ...HOSTED],
  },
  {
    title: "what is written anywhere else counts as memory",
    language: "sh",
    code: "for p in /dev /etc /usr /proc /sys; do head -c 500000000 /dev/zero > $p/x && echo $p; done 2>/dev/null",
    options: { limits: { memoryBytes: 64 * MIB, fileBytes: 1024 * MIB } },
    judge: ({ status, stdout }) =>
      status === "memory-limit" || stdout.totalBytes === 0 ? undefined : stdout.text(),
    notIn: ["native", "namespace", "docker", ...HOSTED],
  },
  {
    title: "descriptors run out",
    language: "python3",
    code: `
files = []
try:
    while True:
        files.append(open("/dev/null"))
except OSError as error:
    print(error.errno, len(files) < 300)`,
    judge: both(ends("exited"), says("24 True")),
  },
  {
    title: "a flood of output ends the run, and what is kept stays small",
    language: "sh",
    code: "yes",
    options: { limits: { outputBytes: 1000, outputHardBytes: 4 * MIB } },
    judge: both(ends("output-limit"), ({ stdout }) =>
      stdout.bytes.length === 1000 && stdout.truncated ? undefined : "too much or too little was kept",
    ),
  },
  {
    title: "so does one on standard error",
    language: "sh",
    code: "yes >&2",
    options: { limits: { outputBytes: 1000, outputHardBytes: 4 * MIB } },
    judge: ends("output-limit"),
  },
  {
    title: "output of exactly the kept size is whole",
    language: "sh",
    code: "head -c 1000 /dev/zero",
    options: { limits: { outputBytes: 1000 } },
    judge: ({ stdout }) =>
      stdout.bytes.length === 1000 && !stdout.truncated && stdout.totalBytes === 1000
        ? undefined
        : "it is not",
  },
  {
    title: "a busy loop uses up its processor time",
    language: "sh",
    code: "while :; do :; done",
    options: { limits: { cpuSeconds: 1, wallMs: 20_000 } },
    judge: ends("cpu-limit"),
    notIn: NOT_COUNTED,
  },
  {
    title: "busy children cannot outlive the clock",
    language: "sh",
    code: "for i in 1 2 3 4; do (while :; do :; done) & done; wait",
    options: { limits: { wallMs: 500 } },
    judge: ends("timeout"),
  },
];
