import { invalid } from "../sandbox-error.ts";

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
const MAX_BYTES = 131_071;
/** These would change what the launchers do too, a shell among them, which are root's where the host is root. */
const NEVER = /^(?:LD_.*|DYLD_.*|GLIBC_TUNABLES|GCONV_PATH|LOCPATH|NLSPATH|SHELLOPTS|BASHOPTS|PS4|OPTIND)$/;
/** These change which code the guest runs, or point at the host's agents and clouds. */
const DANGEROUS =
  /^(?:NODE_OPTIONS|BASH_ENV|ENV|PYTHONSTARTUP|PERL5OPT|RUBYOPT|IFS|SSH_AUTH_SOCK|DOCKER_HOST|KUBECONFIG|GOOGLE_APPLICATION_CREDENTIALS)$/;

const BASE: Readonly<Record<string, string>> = {
  PATH: "/usr/local/bin:/usr/bin:/bin",
  HOME: "/workspace",
  LANG: "C.UTF-8",
  TMPDIR: "/tmp",
};

/**
 * The environment of a guest: four variables and what is given. Nothing of the host's ever gets in.
 *
 * @param allow names that are otherwise refused because they change which code runs.
 * @throws SandboxError `SANDBOX_INVALID_ARGUMENT` naming the variable, never its value.
 */
export function guestEnvironment(
  given: Readonly<Record<string, string>> = {},
  allow: readonly string[] = [],
): Readonly<Record<string, string>> {
  const environment: Record<string, string> = { ...BASE };
  for (const [name, value] of Object.entries(given)) {
    if (!NAME.test(name)) invalid("env holds a name that is not a variable's");
    if (NEVER.test(name)) invalid(`env.${name} is refused`);
    if (DANGEROUS.test(name) && !allow.includes(name))
      invalid(`env.${name} is refused unless allowed by name`);
    if (typeof value !== "string" || value.includes("\0")) invalid(`env.${name} must be a text without NUL`);
    if (Buffer.byteLength(value) + name.length + 2 > MAX_BYTES) invalid(`env.${name} is too long`);
    environment[name] = value;
  }
  return Object.freeze(environment);
}
