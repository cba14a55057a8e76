import type { RunResult, SandboxSession } from "@symbiont/sandbox";
import { type AiSandbox, aiSandbox } from "@symbiont/sandbox/views/ai-sdk";
import { unsupportedInSandbox } from "../../../adapter-error.ts";
import { endNote, inShell, WORKSPACE } from "../../../host/guest-command.ts";
import { type ApplyDiff, type OpenAiEditor, sandboxEditor } from "./sandbox-editor.ts";
import {
  applyEntry,
  applyManifest,
  insideWorkspace,
  type OpenAiManifest,
  type OpenAiManifestEntry,
} from "./sandbox-manifest.ts";

/** What the SDK keeps of a session. */
export interface OpenAiSandboxState<Manifest> {
  manifest: Manifest;
  /** Of every command. */
  environment?: Record<string, string>;
  workspaceReady?: boolean;
  [member: string]: unknown;
}

interface ExecArgs {
  readonly cmd: string;
  readonly workdir?: string;
  readonly shell?: string;
  readonly login?: boolean;
  readonly tty?: boolean;
  readonly maxOutputTokens?: number;
  readonly runAs?: string;
}

interface PathArgs {
  readonly path: string;
  readonly runAs?: string;
}

const BYTES_PER_TOKEN = 4;
const MAX_IMAGE_BYTES = 10 * 1024 * 1024;
/** First bytes of what a model can look at. */
const IMAGES: readonly (readonly [string, RegExp])[] = [
  ["image/png", /^\x89PNG\r\n\x1a\n/],
  ["image/jpeg", /^\xff\xd8\xff/],
  ["image/gif", /^GIF8[79]a/],
  ["image/webp", /^RIFF[^]{4}WEBP/],
];

/**
 * A session in the words of the OpenAI Agents SDK. A command runs until it ends or its time is over, whatever the SDK
 * would wait for, and without a terminal; there is one user, and no port leads to it.
 */
export class OpenAiSandboxSession<Manifest extends OpenAiManifest> {
  readonly state: OpenAiSandboxState<Manifest>;
  readonly #session: SandboxSession;
  readonly #files: AiSandbox;
  readonly #applyDiff: ApplyDiff;
  #isClosed = false;

  constructor(session: SandboxSession, manifest: Manifest, applyDiff: ApplyDiff) {
    this.#session = session;
    this.#files = aiSandbox(session);
    this.#applyDiff = applyDiff;
    this.state = { manifest, environment: {}, workspaceReady: true };
  }

  supportsPty(): boolean {
    return false;
  }

  /** @throws AdapterError `ADAPTER_SANDBOX_UNSUPPORTED`; SandboxError as `SandboxSession.exec`. */
  async exec(args: ExecArgs): Promise<{
    output: string;
    stdout: string;
    stderr: string;
    wallTimeSeconds: number;
    exitCode: number | null;
    originalTokenCount?: number;
  }> {
    const { cmd, workdir, shell, tty = false, maxOutputTokens, runAs } = args;
    refuseUser(runAs);
    if (tty) throw unsupportedInSandbox("a terminal");
    const argv = inShell(cmd, workdir ?? WORKSPACE, shell ?? "/bin/sh");
    const result = await this.#session.exec(argv, { env: { ...this.state.environment } });
    const [stdout, stderr] = [result.stdout.text(), result.stderr.text() + endNote(result)];
    const whole = stdout + stderr;
    const most = maxOutputTokens === undefined ? whole.length : maxOutputTokens * BYTES_PER_TOKEN;
    const left = whole.length > most || isCut(result);
    return {
      output: whole.length > most ? `${whole.slice(0, most)}\n[sandbox: output was cut off]` : whole,
      stdout,
      stderr,
      wallTimeSeconds: result.usage.wallMs / 1000,
      exitCode: result.status === "exited" ? result.exitCode : null,
      ...(left ? { originalTokenCount: Math.ceil(bytesOf(result) / BYTES_PER_TOKEN) } : {}),
    };
  }

  /** The same as text for a model. */
  async execCommand(args: ExecArgs): Promise<string> {
    const { output, wallTimeSeconds, exitCode, originalTokenCount } = await this.exec(args);
    const end =
      exitCode === null ? "Process was ended by the sandbox" : `Process exited with code ${exitCode}`;
    const cut = originalTokenCount === undefined ? [] : [`Original token count: ${originalTokenCount}`];
    return [`Wall time: ${wallTimeSeconds.toFixed(4)} seconds`, end, ...cut, "Output:", output].join("\n");
  }

  createEditor(runAs?: string): OpenAiEditor {
    refuseUser(runAs);
    return sandboxEditor(this.#files, this.#applyDiff);
  }

  /** @throws SandboxError `SANDBOX_FILE_REFUSED` also for a file that is longer than `maxBytes`. */
  async readFile({ path, runAs, maxBytes }: PathArgs & { readonly maxBytes?: number }): Promise<Uint8Array> {
    refuseUser(runAs);
    const content = await this.#session.readFile(insideWorkspace(path));
    if (maxBytes !== undefined && content.length > maxBytes)
      throw unsupportedInSandbox(`a file of more than ${maxBytes} bytes`);
    return content;
  }

  async viewImage({ path, runAs }: PathArgs): Promise<{
    type: "image";
    /** In base64. */
    image: { data: string; mediaType: string };
  }> {
    const data = await this.readFile({
      path,
      maxBytes: MAX_IMAGE_BYTES,
      ...(runAs === undefined ? {} : { runAs }),
    });
    const head = Buffer.from(data.subarray(0, 16)).toString("latin1");
    const mediaType = IMAGES.find(([, begins]) => begins.test(head))?.[0];
    if (mediaType === undefined) throw unsupportedInSandbox("unsupported image format");
    return { type: "image", image: { data: Buffer.from(data).toString("base64"), mediaType } };
  }

  async listDir({
    path,
    runAs,
  }: PathArgs): Promise<{ name: string; path: string; type: "file" | "dir" | "other" }[]> {
    refuseUser(runAs);
    const folder = path.replace(/\/+$/, "");
    const entries = await this.#files.listDirectory({ path: folder });
    if (entries === null) throw unsupportedInSandbox("a folder that is not there");
    const kinds = { file: "file", directory: "dir", symlink: "other", other: "other" } as const;
    return entries.map(({ name, type }) => ({ name, path: `${folder}/${name}`, type: kinds[type] }));
  }

  async pathExists(path: string, runAs?: string): Promise<boolean> {
    refuseUser(runAs);
    return (await this.#files.stat({ path })) !== null;
  }

  async directoryExists(path: string, runAs?: string): Promise<boolean> {
    refuseUser(runAs);
    return (await this.#files.stat({ path }))?.type === "directory";
  }

  async materializeEntry({
    path,
    entry,
    runAs,
  }: PathArgs & { readonly entry: OpenAiManifestEntry }): Promise<void> {
    refuseUser(runAs);
    await applyEntry(this.#session, path, entry);
  }

  async applyManifest(manifest: Manifest, runAs?: string): Promise<void> {
    refuseUser(runAs);
    await applyManifest(this.#session, manifest);
  }

  async running(): Promise<boolean> {
    return !this.#isClosed;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#session.close();
  }
}

function refuseUser(runAs: string | undefined): void {
  if (runAs !== undefined) throw unsupportedInSandbox("users other than the guest's");
}

function isCut({ stdout, stderr }: RunResult): boolean {
  return stdout.truncated || stderr.truncated;
}

function bytesOf({ stdout, stderr }: RunResult): number {
  return stdout.totalBytes + stderr.totalBytes;
}
