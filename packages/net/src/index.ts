export {
  type CheckedUrl,
  checkUrl,
  createUrlPolicy,
  type UrlCheckOptions,
  type UrlPolicy,
} from "./check-url.ts";
export { classifyIp, type IpClass, isPublicIp } from "./classify-ip.ts";
export {
  type ClientAddress,
  type ClientAddressOptions,
  type ClientAddressPreset,
  type ClientAddressResolver,
  type ClientAddressWarning,
  createClientAddress,
} from "./client-address.ts";
export { type ClientKeyOptions, clientKey } from "./client-key.ts";
export { NetError, type NetErrorCode, type NetReason } from "./errors.ts";
export { formatIp } from "./format-ip.ts";
export type { HeaderLines } from "./header-lines.ts";
export { type IpAddress, parseIp, tryParseIp, unmapIp } from "./ip-address.ts";
export { createIpMatcher, type IpRange, parseIpRange, rangeWithin } from "./ip-range.ts";
export { createJsonHandler, type JsonSource, type ServedJson } from "./json-handler.ts";
export { parseTxtFields, type TxtFieldsProblem } from "./txt-fields.ts";
