export {
  type SandboxedServer,
  type SandboxedTransport,
  sandboxedTransport,
} from "./sandboxed-transport.ts";
