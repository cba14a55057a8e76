import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { SecretError } from "@symbiont/secrets";
import { keychainKey } from "@symbiont/secrets/key-providers/keychain";

const PROGRAMS = ["dbus-daemon", "dbus-send", "gnome-keyring-daemon", "secret-tool"];
const PASSWORD = "opens the keyring of the test";

/** A bus that starts nothing on its own: neither the host's keyring nor a window that asks for a password. */
const busConfig = (
  listen: string,
): string => `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>${listen}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`;

/** Ends a title with the reason why its tests cannot run; empty when they can. */
export const noKeyring: string = missingProgram();

/** A session of its own: bus, home and, once started, a Secret Service with an unlocked keyring. */
export interface KeyringSession {
  readonly env: Readonly<Record<string, string>>;
  /** Points this process at the session. */
  enter(): void;
  /** Starts gnome-keyring and unlocks its keyring, which lives in the session's home. */
  startKeyring(): Promise<void>;
  /** Kills the keyring. */
  stopKeyring(): Promise<void>;
  run(program: string, args: readonly string[], input?: string | Uint8Array): string;
  /** Ends everything and removes the home. */
  remove(): Promise<void>;
}

/** @param listen where the bus listens. Default a socket below /tmp. */
export async function startSession(listen = "unix:tmpdir=/tmp"): Promise<KeyringSession> {
  const folder = mkdtempSync(join(tmpdir(), "keyring-"));
  const config = join(folder, "bus.conf");
  writeFileSync(config, busConfig(listen));
  const [home, runtime] = [join(folder, "home"), join(folder, "run")];
  for (const directory of [home, runtime]) mkdirSync(directory, { mode: 0o700 });
  const bus = spawn("dbus-daemon", [`--config-file=${config}`, "--nofork", "--print-address"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [address] = (await once(createInterface(bus.stdout), "line")) as [string];
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    XDG_RUNTIME_DIR: runtime,
    DBUS_SESSION_BUS_ADDRESS: address,
  };
  let keyring: ChildProcess | undefined;
  const session: KeyringSession = {
    env,
    enter: () => void Object.assign(process.env, env),
    startKeyring: async () => {
      keyring = spawn("gnome-keyring-daemon", ["--unlock", "--components=secrets", "--foreground"], {
        env,
        stdio: ["pipe", "ignore", "ignore"],
      });
      keyring.stdin?.end(PASSWORD);
      const unlocked = join(home, ".local/share/keyrings/login.keyring");
      await until(async () => existsSync(unlocked) && (await answers()));
    },
    stopKeyring: async () => {
      await end(keyring, "SIGKILL");
      keyring = undefined;
    },
    run: (program, args, input) =>
      execFileSync(program, args, { env, encoding: "utf8", stdio: "pipe", ...(input && { input }) }),
    remove: async () => {
      await session.stopKeyring();
      await end(bus, "SIGTERM");
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return session;
}

async function answers(): Promise<boolean> {
  try {
    await keychainKey({ service: "is it", account: "there" }).load({ storeId: "" });
    return true;
  } catch (error) {
    if (SecretError.is(error) && error.code === "SECRET_UNAVAILABLE") return false;
    throw error;
  }
}

async function until(done: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 15_000; !(await done()); ) {
    if (Date.now() > deadline) throw new Error("gnome-keyring did not start");
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

async function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill(signal);
  await exit;
}

function missingProgram(): string {
  if (process.platform !== "linux") return " (skipped: the Secret Service is tested on Linux only)";
  const missing = PROGRAMS.filter((program) => !onPath(program));
  return missing.length === 0 ? "" : ` (skipped: no ${missing.join(", ")} on PATH)`;
}

function onPath(program: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
