import { type ChildProcess, spawn } from "node:child_process";
import type { Writable } from "node:stream";
import { findTool } from "./find-tool.ts";

/**
 * Reads which users have guests (`+<uid>`, `-<uid>`), and ends all of their processes when whoever writes that is gone.
 */
const SCRIPT = `
users=" "
while read -r line; do
  case $line in
    +*) users="$users\${line#+} " ;;
    -*) u=\${line#-}; users="\${users%% $u *} \${users#* $u }" ;;
  esac
done
for u in $users; do "$1" --reuid "$u" --regid "$u" --clear-groups -- "$0" -c 'kill -9 -1'; done
`;

/**
 * A process beside this one that ends the guests of users of their own when this one is killed: there are moments in which
 * a guest that begins would not notice. Guests cannot end it: it belongs to root.
 */
export const userWatchdog = {
  /** Watches over a user from now on. */
  watch(uid: number): void {
    watched.add(uid);
    if (hasEnded()) start();
    else pipe?.write(`+${uid}\n`);
  },

  /** Does not any more. */
  release(uid: number): void {
    watched.delete(uid);
    pipe?.write(`-${uid}\n`);
  },
};

const watched = new Set<number>();
let child: ChildProcess | undefined;
let pipe: Writable | undefined;

function hasEnded(): boolean {
  return child?.exitCode !== null || child.signalCode !== null;
}

/** One that takes over from another is told of everybody. */
function start(): void {
  const [setpriv, shell] = [findTool("setpriv"), findTool("sh")];
  if (setpriv === undefined || shell === undefined) return;
  child = spawn(shell, ["-c", SCRIPT, shell, setpriv], {
    env: {},
    cwd: "/",
    stdio: ["pipe", "ignore", "ignore"],
    // A signal to this process's group, by a terminal for example, must not reach it.
    detached: true,
  });
  child.on("error", () => undefined);
  child.unref();
  const begun = child.stdin as Writable & { unref(): void };
  begun.on("error", () => undefined);
  begun.unref();
  for (const uid of watched) begun.write(`+${uid}\n`);
  pipe = begun;
}
