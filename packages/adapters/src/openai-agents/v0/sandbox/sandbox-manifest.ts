import type { SandboxSession } from "@symbiont/sandbox";
import { unsupportedInSandbox } from "../../../adapter-error.ts";
import { inShell, WORKSPACE } from "../../../host/guest-command.ts";

/** An entry of a manifest, as far as it is looked at. */
export interface OpenAiManifestEntry {
  readonly type: string;
  readonly [member: string]: unknown;
}

/** What an agent wants to find in its sandbox, as far as it is looked at. */
export interface OpenAiManifest {
  readonly root: string;
  readonly entries: Readonly<Record<string, OpenAiManifestEntry>>;
  readonly users: readonly unknown[];
  readonly groups: readonly unknown[];
  readonly extraPathGrants: readonly unknown[];
}

/**
 * Puts a manifest's files and folders into a session. Everything else that a manifest may ask for is refused: files of
 * this host, repositories, mounts, users, other places.
 *
 * @throws AdapterError `ADAPTER_SANDBOX_UNSUPPORTED`
 */
export async function applyManifest(session: SandboxSession, manifest: OpenAiManifest): Promise<void> {
  if (manifest.root !== WORKSPACE) throw unsupportedInSandbox(`a root that is not ${WORKSPACE}`);
  for (const name of ["users", "groups", "extraPathGrants"] as const)
    if (manifest[name].length > 0) throw unsupportedInSandbox(`a manifest with ${name}`);
  // All of it is looked at before any of it is done.
  for (const entry of Object.values(manifest.entries)) assertSupported(entry);
  for (const [path, entry] of Object.entries(manifest.entries)) await put(session, path, entry);
}

/** The same for one entry. @throws AdapterError `ADAPTER_SANDBOX_UNSUPPORTED` */
export async function applyEntry(
  session: SandboxSession,
  path: string,
  entry: OpenAiManifestEntry,
): Promise<void> {
  assertSupported(entry);
  await put(session, path, entry);
}

function assertSupported(entry: OpenAiManifestEntry): void {
  const { type, permissions, group } = entry;
  if (type !== "file" && type !== "dir") throw unsupportedInSandbox(`an entry of type ${type}`);
  if (permissions !== undefined || group !== undefined)
    throw unsupportedInSandbox("permissions and groups of entries");
  for (const child of Object.values(childrenOf(entry))) assertSupported(child);
}

async function put(session: SandboxSession, path: string, entry: OpenAiManifestEntry): Promise<void> {
  const inside = insideWorkspace(path);
  if (entry.type === "file") {
    const content = entry["content"] as string | Uint8Array;
    await session.writeFile(
      inside,
      typeof content === "string" ? new TextEncoder().encode(content) : content,
    );
    return;
  }
  const made = await session.exec([...inShell('mkdir -p -- "$1"'), "sh", inside]);
  if (made.exitCode !== 0) throw unsupportedInSandbox("a folder where something else is");
  for (const [name, child] of Object.entries(childrenOf(entry)))
    await put(session, `${inside}/${name}`, child);
}

function childrenOf({ children }: OpenAiManifestEntry): Readonly<Record<string, OpenAiManifestEntry>> {
  return (children ?? {}) as Readonly<Record<string, OpenAiManifestEntry>>;
}

/** A path below the workspace, spelt from the root or not. */
export function insideWorkspace(path: string): string {
  return path.startsWith(`${WORKSPACE}/`) ? path.slice(WORKSPACE.length + 1) : path;
}
