export { readOpaEnvironment } from "./opa-environment.ts";
export { createOpaHttpEngine, type OpaHttpOptions } from "./opa-http-engine.ts";
export {
  type LoadOpaWasm,
  OpaWasmEngine,
  type OpaWasmOptions,
  type OpaWasmPolicy,
} from "./opa-wasm-engine.ts";
