export { type AiSandbox, type AiSandboxProcess, aiSandbox } from "./ai-sandbox.ts";
