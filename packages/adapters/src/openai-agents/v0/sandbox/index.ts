export { type OpenAiSandboxClient, type OpenAiSandboxHost, sandboxClient } from "./sandbox-client.ts";
export type { ApplyDiff, OpenAiEditor } from "./sandbox-editor.ts";
export type { OpenAiManifest, OpenAiManifestEntry } from "./sandbox-manifest.ts";
export type { OpenAiSandboxSession, OpenAiSandboxState } from "./sandbox-session.ts";
