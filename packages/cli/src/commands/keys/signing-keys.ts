import type { PublicKey } from "@symbiont/keys";
import { readInput } from "../../program/read-input.ts";
import type { Answer, Task } from "../../program/task.ts";
import { UsageError } from "../../program/usage-error.ts";
import { writeNew, writePublic } from "../../program/write-file.ts";

/** `keys generate`. */
export async function generateKey({
  out,
  algorithm,
  public: publicFile,
}: {
  readonly out: string;
  readonly algorithm: string;
  readonly public?: string;
}): Promise<Answer> {
  if (algorithm !== "ES256" && algorithm !== "Ed25519") {
    throw new UsageError("--algorithm must be ES256 or Ed25519");
  }
  const { exportPrivateKeyPem, generateKeyPair } = await import("@symbiont/keys");
  const { privateKey, publicKey } = generateKeyPair(algorithm);
  await writeNew(out, exportPrivateKeyPem(privateKey));
  if (publicFile !== undefined) await writePublic(publicFile, publicKey.toPem());
  const answer = describeKey(publicKey);
  return { ...answer, lines: [["ok", `wrote the private key to ${out}`], ...answer.lines] };
}

/** `keys show`: takes a public key, or a private one and shows its public half. */
export async function showKey(_: object, task: Task, file = ""): Promise<Answer> {
  const { importPrivateKeyPem, importPublicKeyPem } = await import("@symbiont/keys");
  const pem = new TextDecoder().decode(await readInput(file, task));
  const isPrivate = pem.includes("PRIVATE KEY");
  return describeKey(isPrivate ? importPrivateKeyPem(pem).publicKey : importPublicKeyPem(pem));
}

function describeKey(key: PublicKey): Answer {
  const pem = key.toPem();
  const { algorithm, fingerprint } = key;
  return {
    data: { algorithm, fingerprint, pem },
    lines: [`algorithm    ${algorithm}`, `fingerprint  ${fingerprint}`, ...pem.trim().split("\n")],
  };
}
