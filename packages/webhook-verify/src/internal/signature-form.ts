import type { WebhookHeaders } from "../webhook-request.ts";
import { malformed, missing, optionalHeader, repeatedHeader, requiredHeader } from "./headers.ts";

/**
 * Where the signature stands and how it is written. Header names are in lower case.
 *
 * - `headers`: the whole value of a header is one signature, after `prefix` (exact) or `authScheme` (any case).
 *   Several names are alternatives, of which one must be there; `repeated` allows several lines.
 * - `list`: `label=signature` entries, for example `v1=…,v1=…`.
 * - `fields`: the same with the timestamp among them, for example `t=…,v1=…`.
 */
export type SignatureForm =
  | {
      readonly form: "headers";
      readonly headers: readonly string[];
      readonly prefix?: string;
      readonly authScheme?: string;
      readonly repeated?: boolean;
    }
  | { readonly form: "list"; readonly header: string; readonly separator: string; readonly label: string }
  | {
      readonly form: "fields";
      readonly header: string;
      readonly separator: string;
      readonly label: string;
      readonly timestamp: string;
    };

/** The signatures a header holds, still encoded, and the timestamp beside them. */
export interface SignatureTexts {
  readonly signatures: readonly string[];
  readonly timestamp?: string;
}

/** More would only buy an attacker work. */
const MAX_SIGNATURES = 16;

/**
 * Reads the signatures.
 * @throws WebhookError `WEBHOOK_MISSING_HEADER`, `WEBHOOK_DUPLICATE_HEADER`, `WEBHOOK_MALFORMED_HEADER`.
 */
export function readSignatures(form: SignatureForm, headers: WebhookHeaders): SignatureTexts {
  switch (form.form) {
    case "headers":
      return { signatures: readWhole(form, headers) };
    case "list":
      return { signatures: readFields(form, undefined, requiredHeader(headers, form.header)).signatures };
    case "fields": {
      const fields = readFields(form, form.timestamp, requiredHeader(headers, form.header));
      if (fields.timestamps.length !== 1) malformed(form.header, `must hold ${form.timestamp} once`);
      return { signatures: fields.signatures, timestamp: fields.timestamps[0] as string };
    }
  }
}

/** Writes the headers that {@link readSignatures} reads. Forms that hold one signature take the first. */
export function writeSignatures(
  form: SignatureForm,
  signatures: readonly string[],
  timestamp: string,
): Record<string, string> {
  switch (form.form) {
    case "headers": {
      const prefix = form.authScheme === undefined ? (form.prefix ?? "") : `${form.authScheme} `;
      const pairs = form.headers
        .slice(0, signatures.length)
        .map((name, index) => [name, prefix + (signatures[index] as string)] as const);
      return Object.fromEntries(pairs);
    }
    case "list":
    case "fields": {
      const items = signatures.map((signature) => `${form.label}=${signature}`);
      if (form.form === "fields") items.unshift(`${form.timestamp}=${timestamp}`);
      return { [form.header]: items.join(form.separator) };
    }
  }
}

function readWhole(form: SignatureForm & { form: "headers" }, headers: WebhookHeaders): readonly string[] {
  const first = form.headers[0] as string;
  if (form.headers.length === 1 && form.repeated !== true)
    return [withoutPrefix(form, first, requiredHeader(headers, first))];
  const signatures: string[] = [];
  for (const name of form.headers) {
    const values =
      form.repeated === true ? repeatedHeader(headers, name) : [optionalHeader(headers, name) ?? []].flat();
    for (const value of values) signatures.push(withoutPrefix(form, name, value));
  }
  if (signatures.length === 0) missing(first);
  return atMost(first, signatures);
}

function withoutPrefix(form: SignatureForm & { form: "headers" }, name: string, value: string): string {
  const { prefix = "", authScheme } = form;
  if (authScheme !== undefined) return withoutScheme(name, value, authScheme);
  if (!value.startsWith(prefix)) malformed(name, `must begin with ${prefix}`);
  return value.slice(prefix.length);
}

/** The scheme's name has no case (RFC 9110 section 11.1). */
export function withoutScheme(name: string, value: string, scheme: string): string {
  const end = scheme.length;
  if (value.charAt(end) !== " " || value.slice(0, end).toLowerCase() !== scheme.toLowerCase())
    malformed(name, `must begin with the scheme ${scheme}`);
  return value.slice(end + 1);
}

/** Other labels belong to other versions of the scheme and are passed over. */
function readFields(
  {
    header,
    separator,
    label,
  }: { readonly header: string; readonly separator: string; readonly label: string },
  timestampLabel: string | undefined,
  value: string,
): { readonly signatures: readonly string[]; readonly timestamps: readonly string[] } {
  const signatures: string[] = [];
  const timestamps: string[] = [];
  for (let start = 0; start <= value.length; ) {
    let end = value.indexOf(separator, start);
    if (end < 0) end = value.length;
    const equals = value.indexOf("=", start);
    if (equals < 0 || equals > end) malformed(header, "holds an entry without a value");
    const name = value.slice(start, equals).trim();
    if (name === label) signatures.push(value.slice(equals + 1, end));
    else if (name === timestampLabel) timestamps.push(value.slice(equals + 1, end));
    start = end + separator.length;
  }
  return { signatures: atMost(header, signatures), timestamps };
}

function atMost(header: string, signatures: readonly string[]): readonly string[] {
  if (signatures.length === 0) malformed(header, "holds no signature of the accepted version");
  if (signatures.length > MAX_SIGNATURES) malformed(header, `holds more than ${MAX_SIGNATURES} signatures`);
  return signatures;
}
