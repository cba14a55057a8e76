export { CedarEngine, type CedarEngineOptions } from "./cedar-engine.ts";
export { type CedarEntityUid, type CedarModule, loadCedar } from "./cedar-module.ts";
export { CEDAR_SHAPES, type CedarRequest, type CedarShape } from "./cedar-request.ts";
