import { join } from "node:path";

/**
 * Where the session bus listens, as paths that `node:net` connects to: an abstract socket begins with a NUL.
 * Addresses that are no Unix socket are left out.
 * @see https://dbus.freedesktop.org/doc/dbus-specification.html#addresses
 */
export function busSockets(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  const address = environment["DBUS_SESSION_BUS_ADDRESS"];
  if (address !== undefined && address !== "")
    return address.split(";").flatMap((one) => socketOf(one) ?? []);
  const runtime = environment["XDG_RUNTIME_DIR"];
  return runtime === undefined || runtime === "" ? [] : [join(runtime, "bus")];
}

function socketOf(address: string): string | undefined {
  if (!address.startsWith("unix:")) return undefined;
  for (const pair of address.slice("unix:".length).split(",")) {
    const [key, value] = pair.split("=", 2);
    if (value === undefined || value === "") continue;
    if (key === "path") return unescaped(value);
    if (key === "abstract") return `\0${unescaped(value)}`;
  }
  return undefined;
}

function unescaped(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
