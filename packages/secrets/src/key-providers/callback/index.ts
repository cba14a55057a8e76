export { type CallbackKeyOptions, callbackKey, type LoadKey } from "./callback-key.ts";
