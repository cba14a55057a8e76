export { judgePin, type PinJudgement, type PinPolicy, type SeenKey, withSeenKey } from "./judge-pin.ts";
export { type PinRequest, pinKey, unpinKey } from "./manage-pins.ts";
export { MemoryPinStore } from "./memory-pin-store.ts";
export { exportPins, importPins } from "./pin-json.ts";
export type { DomainPins, ManagedPinStore, PinnedKey, PinStore, PinTrust } from "./pin-store.ts";
