import { importPrivateKeyPem, importPublicKeyPem, type PublicKey } from "@symbiont/keys";
import { buildDiscoveryDocument, signTool, writeToolSidecar } from "@symbiont/schemapin";
import { readPrivateKey } from "../../program/private-key.ts";
import { readText } from "../../program/read-input.ts";
import type { Answer, Task } from "../../program/task.ts";
import { writePublic } from "../../program/write-file.ts";
import { readToolList } from "./tool-list.ts";

/** `schemapin sign`. */
export async function signToolList(
  options: { readonly key: string; readonly domain: string; readonly server: string; readonly out?: string },
  task: Task,
  file = "",
): Promise<Answer | undefined> {
  const { key: keyFile, domain, server, out } = options;
  const key = await readPrivateKey(keyFile, "ES256");
  const tools = await readToolList(file, task);
  const signed = tools.map((tool) => ({ tool: tool.name, envelope: signTool(tool, { key, domain }) }));
  const text = writeToolSidecar(signed, server);
  if (out === undefined) {
    await task.raw(text.endsWith("\n") ? text : `${text}\n`);
    return undefined;
  }
  await writePublic(out, text);
  return {
    data: { out, tools: signed.map(({ tool }) => tool) },
    lines: [["ok", `${signed.length} tools signed for ${domain}: ${out}`]],
  };
}

/** `schemapin discovery`. */
export async function publishDiscovery(
  { key, domain, developer }: { readonly key: string; readonly domain: string; readonly developer: string },
  task: Task,
): Promise<undefined> {
  const publicKey = await readPublicKey(key, task);
  const document = buildDiscoveryDocument({ domain, publicKey, developerName: developer });
  await task.raw(`${JSON.stringify(document, undefined, 2)}\n`);
}

/** Reads a public key, or the public half of a private one. */
export async function readPublicKey(file: string, task: Task): Promise<PublicKey> {
  const pem = await readText(file, task);
  return pem.includes("PRIVATE KEY") ? importPrivateKeyPem(pem).publicKey : importPublicKeyPem(pem);
}
