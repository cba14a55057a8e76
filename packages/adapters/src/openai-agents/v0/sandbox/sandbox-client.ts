import { SandboxSession, type SessionOptions } from "@symbiont/sandbox";
import { unsupportedInSandbox } from "../../../adapter-error.ts";
import type { ApplyDiff } from "./sandbox-editor.ts";
import { applyManifest, type OpenAiManifest } from "./sandbox-manifest.ts";
import { OpenAiSandboxSession } from "./sandbox-session.ts";

/** What is taken from the host's packages, so that none is imported. */
export interface OpenAiSandboxHost<Manifest extends OpenAiManifest> {
  /** Of `@openai/agents/sandbox`. */
  readonly Manifest: new () => Manifest;
  /** Of `@openai/agents`. */
  readonly applyDiff: ApplyDiff;
}

/** What the SDK asks a sandbox to be made with. */
interface CreateArgs<Manifest> {
  readonly manifest?: Manifest | object;
  readonly snapshot?: unknown;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** The sandbox client of the OpenAI Agents SDK, version 0, by the members that it has. */
export interface OpenAiSandboxClient<Manifest extends OpenAiManifest> {
  backendId: string;
  create(
    args?: CreateArgs<Manifest> | Manifest,
    options?: Readonly<Record<string, unknown>>,
  ): Promise<OpenAiSandboxSession<Manifest>>;
}

/**
 * Sessions as the sandboxes of the OpenAI Agents SDK. Each agent that asks gets one of its own, which the SDK closes.
 * None can be resumed by another process: nothing of it is written into the state of a run.
 *
 * @throws AdapterError of `create`: `ADAPTER_SANDBOX_UNSUPPORTED` for whatever of a manifest, or of options, cannot be had.
 */
export function sandboxClient<Manifest extends OpenAiManifest>(
  options: SessionOptions,
  host: OpenAiSandboxHost<Manifest>,
): OpenAiSandboxClient<Manifest> {
  return {
    backendId: `symbiont-${options.tier.name}`,
    create: async (given = {}, more) => {
      const args: CreateArgs<Manifest> = isManifest(given) ? { manifest: given } : given;
      if (args.snapshot !== undefined && args.snapshot !== null) throw unsupportedInSandbox("snapshots");
      if (Object.keys({ ...args.options, ...more }).length > 0)
        throw unsupportedInSandbox("options of a client");
      const manifest = args.manifest ?? new host.Manifest();
      if (!isManifest(manifest)) throw unsupportedInSandbox("a manifest that is no Manifest");
      const session = await SandboxSession.open(options);
      try {
        await applyManifest(session, manifest);
        return new OpenAiSandboxSession(session, manifest as Manifest, host.applyDiff);
      } catch (error) {
        await session.close();
        throw error;
      }
    },
  };
}

/** The SDK's class, by its shape. */
function isManifest(value: object): value is OpenAiManifest {
  const { root, entries, users } = value as Partial<OpenAiManifest>;
  return typeof root === "string" && typeof entries === "object" && Array.isArray(users);
}
