import { type SignedWebhook, signWebhook, type WebhookPreset } from "@symbiont/webhook-verify";
import { readInput, readSecret } from "../../program/read-input.ts";
import type { Answer, Task } from "../../program/task.ts";
import { UsageError } from "../../program/usage-error.ts";

interface DeliveryOptions {
  readonly preset: string;
  readonly body: string;
  readonly contentType: string;
  readonly secretFile?: string;
  readonly secretEnv?: string;
}

const TIMEOUT_MS = 30_000;

/** `webhook sign`. */
export async function signDelivery(
  options: DeliveryOptions & { readonly url?: string },
  task: Task,
): Promise<Answer> {
  const { headers } = await sign(options, options.url, task);
  return { data: { ...headers }, lines: Object.entries(headers).map(([name, value]) => `${name}: ${value}`) };
}

/** `webhook send`. */
export async function sendDelivery(options: DeliveryOptions, task: Task, url = ""): Promise<Answer> {
  if (!/^https?:\/\//.test(url) || !URL.canParse(url))
    throw new UsageError("the address must begin with https:// or http://");
  const { headers, rawBody } = await sign(options, url, task);
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": options.contentType, ...headers },
    body: Uint8Array.from(rawBody),
    redirect: "manual",
    signal: AbortSignal.any([task.signal, AbortSignal.timeout(TIMEOUT_MS)]),
  }).catch((error: unknown) => {
    throw new Error("the delivery could not be sent", { cause: error });
  });
  await response.body?.cancel();
  return {
    data: { status: response.status, ok: response.ok },
    lines: [[response.ok ? "ok" : "bad", `the receiver answered ${response.status}`]],
    no: !response.ok,
  };
}

async function sign(options: DeliveryOptions, url: string | undefined, task: Task): Promise<SignedWebhook> {
  const { preset: name, body, contentType, secretFile, secretEnv } = options;
  if (body === "-" && secretFile === undefined && secretEnv === undefined) {
    throw new UsageError("the body comes from standard input; write --secret-file or --secret-env");
  }
  const preset = await loadPreset(name);
  const rawBody = await readInput(body, task);
  const from = {
    ...(secretFile !== undefined && { valueFile: secretFile }),
    ...(secretEnv !== undefined && { valueEnv: secretEnv }),
  };
  const secret = new TextDecoder("utf-8", { fatal: true }).decode(await readSecret(from, "secret", task));
  return signWebhook(
    preset,
    { rawBody, contentType, ...(url !== undefined && { url }) },
    { secrets: [secret] },
  );
}

/** Presets are found by name, as importing them would find them. */
async function loadPreset(name: string): Promise<WebhookPreset<{ readonly secrets: readonly string[] }>> {
  if (!/^[a-z][a-z0-9-]{0,40}$/.test(name)) throw new UsageError("--preset must be the name of a provider");
  let module: Readonly<Record<string, unknown>>;
  try {
    module = (await import(`@symbiont/webhook-verify/presets/${name}`)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ERR_MODULE_NOT_FOUND" && code !== "ERR_PACKAGE_PATH_NOT_EXPORTED") throw error;
    throw new UsageError(`there is no preset ${name}`);
  }
  const preset = Object.values(module).find(
    (value): value is WebhookPreset<{ readonly secrets: readonly string[] }> =>
      typeof value === "object" && value !== null && "name" in value && value.name === name,
  );
  if (preset === undefined) throw new UsageError(`there is no preset ${name}`);
  return preset;
}
