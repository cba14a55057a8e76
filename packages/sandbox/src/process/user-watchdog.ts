import { type ChildProcess, spawn } from "node:child_process";
import type { Writable } from "node:stream";

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
 * A process beside this one that ends the guests of users of their own when this one is killed. Guests cannot end it:
 * it belongs to root.
 */
export class UserWatchdog {
  readonly #setpriv: string;
  readonly #shell: string;
  #child: ChildProcess | undefined;

  constructor(setpriv: string, shell: string) {
    this.#setpriv = setpriv;
    this.#shell = shell;
  }

  /** Watches over a user from now on. */
  watch(uid: number): void {
    this.#pipe().write(`+${uid}\n`);
  }

  /** Does not any more. */
  release(uid: number): void {
    this.#pipe().write(`-${uid}\n`);
  }

  #pipe(): Writable {
    if (this.#child?.exitCode !== null || this.#child.signalCode !== null) {
      const child = spawn(this.#shell, ["-c", SCRIPT, this.#shell, this.#setpriv], {
        env: {},
        cwd: "/",
        stdio: ["pipe", "ignore", "ignore"],
        // A signal to this process's group, by a terminal for example, must not reach it.
        detached: true,
      });
      child.on("error", () => undefined);
      child.unref();
      const pipe = child.stdin as Writable & { unref(): void };
      pipe.on("error", () => undefined);
      pipe.unref();
      this.#child = child;
    }
    return this.#child.stdin as Writable;
  }
}
