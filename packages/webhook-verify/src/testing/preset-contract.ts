import type { WebhookPreset } from "../preset.ts";
import { signWebhook } from "../sign-webhook.ts";
import { WebhookError, type WebhookErrorCode } from "../webhook-error.ts";
import type { WebhookRequest } from "../webhook-request.ts";
import { type VerifierOptions, verifyWebhook } from "../webhook-verifier.ts";

/** One delivery with the outcome that the preset must give. */
export interface ContractVector<Options> {
  readonly title: string;
  /** Document or repository that the delivery comes from. */
  readonly origin: string;
  readonly request: WebhookRequest;
  /** Epoch milliseconds. */
  readonly nowMs: number;
  readonly options: Options;
  /** Absent: the delivery is genuine. */
  readonly code?: WebhookErrorCode;
  /** Which key must match, when the delivery is genuine. */
  readonly keyIndex?: number;
}

/** A preset under test with its deliveries, at least one of them genuine. */
export interface ContractSubject<Options> {
  readonly preset: WebhookPreset<Options>;
  /** Name of the folder, which the preset must bear. */
  readonly name: string;
  readonly vectors: readonly ContractVector<Options>[];
}

/** One case of the contract: run it as a test of whatever framework; it throws when the preset breaks it. */
export interface ContractCase {
  readonly title: string;
  readonly run: () => Promise<void>;
}

const YEAR_MS = 31_557_600_000;

/** What every preset must do, as cases for any test framework. Replays are not part of it: no preset sees them. */
export function presetContract<Options extends object>(
  subject: ContractSubject<Options>,
): readonly ContractCase[] {
  const { preset, name, vectors } = subject;
  const genuine = vectors.find(({ code }) => code === undefined);
  if (genuine === undefined) throw new TypeError("vectors must hold a genuine delivery");
  const cases: ContractCase[] = [
    {
      title: "bears the name of its folder and says where it is documented",
      run: async () => describesItself(preset, name),
    },
    ...vectors.map((vector) => ({ title: `vector ${vector.title}`, run: () => runVector(preset, vector) })),
    ...(preset.bodyBound
      ? [{ title: "refuses a flip of any bit in the body", run: () => refusesFlips(preset, genuine) }]
      : []),
    { title: "refuses a delivery without headers and body", run: () => refusesNothing(preset, genuine) },
    { title: "refuses header values that are garbage", run: () => refusesGarbage(preset, genuine) },
  ];
  if ("secrets" in genuine.options) {
    cases.push(
      {
        title: "refuses an empty secret when it is prepared",
        run: async () => refusesEmptySecret(preset, genuine),
      },
      { title: "refuses another secret", run: () => refusesOtherSecret(preset, genuine) },
    );
    if (preset.prepare(genuine.options).sign !== undefined)
      cases.push({ title: "verifies what it signs", run: () => roundTrips(preset, genuine) });
  }
  if (vectors.some(({ code }) => code === "WEBHOOK_TIMESTAMP_TOO_OLD"))
    cases.push({
      title: "refuses a clock that is off by a year",
      run: () => refusesOtherTimes(preset, genuine),
    });
  return cases;
}

function describesItself<Options>(preset: WebhookPreset<Options>, name: string): void {
  must(preset.name === name, `preset is named ${preset.name}`);
  must(preset.documentation.startsWith("https://"), "documentation is not a link");
}

async function runVector<Options>(
  preset: WebhookPreset<Options>,
  vector: ContractVector<Options>,
): Promise<void> {
  must(vector.origin !== "", "vector has no origin");
  const { code, keyIndex } = await attempt(preset, vector, vector.request);
  must(code === vector.code, `gave ${String(code)} instead of ${String(vector.code)}`);
  if (vector.keyIndex !== undefined) must(keyIndex === vector.keyIndex, `key ${String(keyIndex)} matched`);
}

async function refusesFlips<Options>(
  preset: WebhookPreset<Options>,
  vector: ContractVector<Options>,
): Promise<void> {
  const { rawBody } = vector.request;
  for (let index = 0; index < rawBody.length; index += Math.max(1, rawBody.length >> 4)) {
    const flipped = new Uint8Array(rawBody);
    flipped[index] = (rawBody[index] as number) ^ (1 << (index % 8));
    await mustRefuse(preset, vector, { ...vector.request, rawBody: flipped });
  }
  await mustRefuse(preset, vector, { ...vector.request, rawBody: Uint8Array.of(...rawBody, 0x20) });
}

async function refusesNothing<Options>(
  preset: WebhookPreset<Options>,
  vector: ContractVector<Options>,
): Promise<void> {
  const request = { ...vector.request, headers: [], rawBody: new Uint8Array(0) };
  const { code } = await attempt(preset, vector, request);
  must(code === "WEBHOOK_MISSING_HEADER" || code === "WEBHOOK_MALFORMED_BODY", `gave ${String(code)}`);
}

async function refusesGarbage<Options>(
  preset: WebhookPreset<Options>,
  vector: ContractVector<Options>,
): Promise<void> {
  const headers = [...(vector.request.headers as Iterable<readonly [string, string]>)];
  // A scheme whose signature stands in the body does not look at them.
  const { code } = await attempt(preset, vector, { ...vector.request, headers: [] });
  if (code !== "WEBHOOK_MISSING_HEADER") return;
  for (const garbage of [
    "\u0000",
    "=",
    ",,,",
    "v1,",
    "t=,v1=",
    "\u{1f980}",
    "Bearer ",
    "x".repeat(100_000),
  ]) {
    const garbled = headers.map(([name]) => [name, garbage] as const);
    await mustRefuse(preset, vector, { ...vector.request, headers: garbled });
  }
}

function refusesEmptySecret<Options extends object>(
  preset: WebhookPreset<Options>,
  { options }: ContractVector<Options>,
): void {
  for (const secrets of [[], [""], [" "], [new Uint8Array(0)], [{ value: "" }]]) {
    let isRefused = false;
    try {
      preset.prepare({ ...options, secrets });
    } catch (error) {
      isRefused = error instanceof TypeError || error instanceof RangeError;
    }
    must(isRefused, "an empty secret was accepted");
  }
}

async function refusesOtherSecret<Options extends object>(
  preset: WebhookPreset<Options>,
  vector: ContractVector<Options>,
): Promise<void> {
  const options = {
    ...vector.options,
    secrets: [new TextEncoder().encode("a secret that signed nothing here")],
  };
  const { code } = await attempt(preset, { ...vector, options }, vector.request);
  must(code === "WEBHOOK_SIGNATURE_MISMATCH", `gave ${String(code)}`);
}

async function roundTrips<Options>(
  preset: WebhookPreset<Options>,
  vector: ContractVector<Options>,
): Promise<void> {
  const { url, method, rawBody, headers } = vector.request;
  const contentType = [...(headers as Iterable<readonly [string, string]>)].find(
    ([name]) => name.toLowerCase() === "content-type",
  )?.[1];
  const draft = {
    rawBody,
    id: "id-1",
    ...(url === undefined ? {} : { url }),
    ...(method === undefined ? {} : { method }),
    ...(contentType === undefined ? {} : { contentType }),
  };
  const signed = await signWebhook<Options>(preset, draft, { ...vector.options, now: () => vector.nowMs });
  const { code } = await attempt(preset, vector, signed);
  must(code === undefined, `its own signature gave ${String(code)}`);
  if (preset.bodyBound)
    await mustRefuse(preset, vector, { ...signed, rawBody: Uint8Array.of(...signed.rawBody, 1) });
}

async function refusesOtherTimes<Options>(
  preset: WebhookPreset<Options>,
  vector: ContractVector<Options>,
): Promise<void> {
  for (const [nowMs, code] of [
    [vector.nowMs + YEAR_MS, "WEBHOOK_TIMESTAMP_TOO_OLD"],
    [vector.nowMs - YEAR_MS, "WEBHOOK_TIMESTAMP_TOO_NEW"],
    [Number.NaN, "WEBHOOK_TIMESTAMP_TOO_NEW"],
  ] as const) {
    const outcome = await attempt(preset, { ...vector, nowMs }, vector.request);
    must(outcome.code === code, `gave ${String(outcome.code)} instead of ${code}`);
  }
}

async function mustRefuse<Options>(
  preset: WebhookPreset<Options>,
  vector: ContractVector<Options>,
  request: WebhookRequest,
): Promise<void> {
  const { code } = await attempt(preset, vector, request);
  must(code !== undefined && code !== "WEBHOOK_CHECK_FAILED", `gave ${code ?? "a genuine delivery"}`);
}

async function attempt<Options>(
  preset: WebhookPreset<Options>,
  { options, nowMs }: ContractVector<Options>,
  request: WebhookRequest,
): Promise<{ readonly code?: WebhookErrorCode; readonly keyIndex?: number }> {
  const forgetful: VerifierOptions = { replay: { putIfAbsent: () => true }, now: () => nowMs };
  try {
    const { keyIndex } = await verifyWebhook<Options>(preset, request, { ...options, ...forgetful });
    return { keyIndex };
  } catch (error) {
    if (WebhookError.is(error)) return { code: error.code };
    throw error;
  }
}

function must(isKept: boolean, what: string): void {
  if (!isKept) throw new Error(`contract broken: ${what}`);
}
