import { WebhookError } from "../webhook-error.ts";
import type { WebhookHeaders } from "../webhook-request.ts";

const MAX_VALUE_LENGTH = 8192;

/** Collects the values of one header; `name` is in lower case. */
export function headerValues(headers: WebhookHeaders, name: string): string[] {
  const values: string[] = [];
  if (isWebHeaders(headers)) {
    const joined = headers.get(name);
    if (joined !== null) values.push(joined);
  } else if (isFlat(headers)) {
    for (let index = 0; index + 1 < headers.length; index += 2)
      if (sameName(headers[index] as string, name)) values.push(headers[index + 1] as string);
  } else if (isPairs(headers)) {
    for (const [key, value] of headers) if (sameName(key, name)) values.push(value);
  } else {
    for (const key in headers)
      if (sameName(key, name) && Object.hasOwn(headers, key)) {
        const value = headers[key];
        if (typeof value === "string") values.push(value);
        else if (value !== undefined) values.push(...value);
      }
  }
  return values;
}

/**
 * Reads a header that may stand there once, or several times with the same value.
 * @throws WebhookError `WEBHOOK_DUPLICATE_HEADER`, `WEBHOOK_MALFORMED_HEADER` when it is empty or too long.
 */
export function optionalHeader(
  headers: WebhookHeaders,
  name: string,
  maxLength: number = MAX_VALUE_LENGTH,
): string | undefined {
  const value = isPlainRecord(headers)
    ? singleMember(headers, name)
    : single(name, headerValues(headers, name));
  return value === undefined ? undefined : checkValue(name, value, maxLength);
}

/** The usual case, `req.headers`, without a list on the way. */
function singleMember(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  name: string,
): string | undefined {
  let found: string | undefined;
  for (const key in headers) {
    if (!sameName(key, name) || !Object.hasOwn(headers, key)) continue;
    const value = headers[key];
    const one = typeof value === "string" || value === undefined ? value : single(name, value);
    if (found !== undefined && one !== undefined && one !== found) throw duplicate(name);
    found ??= one;
  }
  return found;
}

function single(name: string, values: readonly string[]): string | undefined {
  for (const value of values) if (value !== values[0]) throw duplicate(name);
  return values[0];
}

function duplicate(name: string): WebhookError {
  return new WebhookError("WEBHOOK_DUPLICATE_HEADER", `header ${name} stands there with different values`);
}

/** @throws WebhookError as {@link optionalHeader}, and `WEBHOOK_MISSING_HEADER`. */
export function requiredHeader(headers: WebhookHeaders, name: string, maxLength?: number): string {
  return optionalHeader(headers, name, maxLength) ?? missing(name);
}

/** Reads every line of a header. @throws WebhookError `WEBHOOK_MALFORMED_HEADER`. */
export function repeatedHeader(headers: WebhookHeaders, name: string): string[] {
  const values = headerValues(headers, name);
  for (const value of values) checkValue(name, value, MAX_VALUE_LENGTH);
  return values;
}

/** @throws WebhookError `WEBHOOK_MISSING_HEADER`. */
export function missing(name: string): never {
  throw new WebhookError("WEBHOOK_MISSING_HEADER", `header ${name} is missing`);
}

/** @throws WebhookError `WEBHOOK_MALFORMED_HEADER`. */
export function malformed(name: string, what: string): never {
  throw new WebhookError("WEBHOOK_MALFORMED_HEADER", `header ${name} ${what}`);
}

function checkValue(name: string, value: string, maxLength: number): string {
  if (typeof value !== "string") throw new TypeError("headers must hold texts");
  if (value === "") malformed(name, "is empty");
  if (value.length > maxLength) malformed(name, `is longer than ${maxLength} characters`);
  return value;
}

function isWebHeaders(headers: WebhookHeaders): headers is Headers {
  return typeof (headers as Headers).getSetCookie === "function";
}

function isFlat(headers: WebhookHeaders): headers is readonly string[] {
  return Array.isArray(headers) && (headers.length === 0 || typeof headers[0] === "string");
}

function isPairs(headers: WebhookHeaders): headers is Iterable<readonly [string, string]> {
  return typeof (headers as { [Symbol.iterator]?: unknown })[Symbol.iterator] === "function";
}

function isPlainRecord(
  headers: WebhookHeaders,
): headers is Readonly<Record<string, string | readonly string[] | undefined>> {
  return !isWebHeaders(headers) && !isFlat(headers) && !isPairs(headers);
}

function sameName(key: string, name: string): boolean {
  return key.length === name.length && (key === name || key.toLowerCase() === name);
}
