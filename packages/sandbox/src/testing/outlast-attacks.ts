import { type Attack, both, ends, says } from "./attack.ts";

/** Programs that do not want to end. That nothing of them is left is looked at after every attack. */
export const outlastAttacks: readonly Attack[] = [
  {
    title: "signals that are ignored do not help",
    language: "sh",
    code: "trap '' TERM INT HUP QUIT; while :; do sleep 1; done",
    options: { limits: { wallMs: 300 } },
    judge: ends("timeout"),
  },
  {
    title: "nor does standing still",
    language: "sh",
    code: "kill -STOP $$; sleep 5",
    options: { limits: { wallMs: 300 } },
    judge: ends("timeout"),
  },
  {
    title: "a daemon in a session of its own ends with the run",
    language: "sh",
    code: "setsid sleep 300 >/dev/null 2>&1 & echo started",
    judge: both(ends("exited"), says("started")),
  },
  {
    title: "so does one that was forked twice",
    language: "python3",
    code: `
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.closerange(0, 3)
        time.sleep(300)
    os._exit(0)
print("started")`,
    judge: both(ends("exited"), says("started")),
  },
  {
    title: "so does one without an environment",
    language: "sh",
    code: "env -i sleep 301 >/dev/null 2>&1 & echo started",
    judge: both(ends("exited"), says("started")),
  },
  {
    title: "who holds the output open holds nobody up",
    language: "sh",
    code: "sleep 300 & echo started",
    judge: both(ends("exited"), says("started"), ({ usage }) =>
      usage.wallMs < 5_000 ? undefined : "it was waited for",
    ),
  },
  {
    title: "everybody else of the user is out of reach",
    language: "sh",
    code: "kill -9 -1; echo alive",
    judge: ({ status }) =>
      status === "exited" || status === "signaled" ? undefined : `it ended as ${status}`,
  },
  {
    title: "silence ends a run that must not be silent",
    language: "sh",
    code: "echo once; sleep 30",
    options: { limits: { idleMs: 1_500, wallMs: 20_000 } },
    judge: both(ends("idle-timeout"), says("once")),
  },
  {
    title: "there is no input to wait for",
    language: "sh",
    code: "cat; echo end",
    judge: both(ends("exited"), says("end")),
  },
  {
    title: "input that is never read does not hang anybody",
    language: "sh",
    code: "exec 0<&-; echo end",
    options: { stdin: new Uint8Array(4 * 1024 * 1024) },
    judge: both(ends("exited"), says("end")),
  },
];
