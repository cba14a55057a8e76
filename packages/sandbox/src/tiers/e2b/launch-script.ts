import type { SandboxLimits } from "../../policy/limits.ts";
import { rlimitArguments } from "../../process/rlimits.ts";

/** What the daemon sets and nobody has asked for. */
const UNASKED = ["USER", "LOGNAME"];

/**
 * The arguments of `/bin/sh` that lead to a command. The daemon cannot tell a program that is missing from one that ends
 * with 127, so the shell looks for it first, says the mark, and gives its place to the program.
 *
 * @param limits default none, for scripts of the tier's own.
 * @param mark is the beginning of standard output once the program takes over; nothing of it is when there is none.
 */
export function launchArguments(
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  mark: string,
  limits: SandboxLimits | undefined,
): readonly string[] {
  const unset = UNASKED.filter((name) => !Object.hasOwn(env, name)).map((name) => `unset ${name}\n`);
  // Variables of the script's own are set in a shell of their own: the guest's may have any name.
  const script = `${unset.join("")}(
  set -f
  case $2 in
    -*) exit 1 ;;
    */*) test -f "$2" && test -x "$2" && exit 0; exit 1 ;;
  esac
  IFS=:
  for folder in $PATH; do
    test -f "$folder/$2" && test -x "$folder/$2" && exit 0
  done
  exit 1
) || exit ${NOT_FOUND}
printf %s "$1"
shift 2
exec "$@"`;
  return ["-c", script, "sh", mark, argv[0] ?? "", ...limited(argv, limits)];
}

/** Without a way to more privilege, what a process may use holds for whatever it becomes. By path: the guest's are its own. */
function limited(argv: readonly string[], limits: SandboxLimits | undefined): readonly string[] {
  if (limits === undefined) return argv;
  const unprivileged = ["/usr/bin/setpriv", "--no-new-privs", "--inh-caps=-all", "--"];
  return [...unprivileged, "/usr/bin/prlimit", ...rlimitArguments(limits), "--", ...argv];
}

/** Exit code of the shell, before the mark, when there is no such program. */
export const NOT_FOUND = 127;

/** Makes the workspace of a user, as root, where all is there that {@link launchArguments} needs. */
export const PREPARE =
  'test -x /usr/bin/setpriv && test -x /usr/bin/prlimit && mkdir -p /workspace && chmod 0700 /workspace && chown "$1" /workspace';

/** Ends every other process of the user who runs it, and says how many are left. A process that is ended stays for a moment. */
export const SWEEP = `kill -9 -1 2>/dev/null
me=$(id -u)
left() {
  count=0
  for entry in /proc/[0-9]*; do
    case $entry in /proc/$$) continue ;; esac
    uid= state=
    while read -r name value more; do
      case $name in State:) state=$value ;; Uid:) uid=$value; break ;; esac
    done 2>/dev/null < "$entry/status"
    test "$uid" = "$me" && test "$state" != Z && count=$((count + 1))
  done
}
for try in 1 2 3 4 5 6 7 8 9 10; do
  left
  test $count = 0 && break
  kill -9 -1 2>/dev/null
  sleep 0.1
done
echo $count`;
