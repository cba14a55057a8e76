import type { PrivateKey } from "@symbiont/keys";
import { formatVerifierKey, parseVerifierKey, verifierKey } from "../notes/verifier-key.ts";
import { encodeRecord } from "./encoded-record.ts";
import type { EntrySigner } from "./entry-signer.ts";
import type { JournalWriter } from "./journal-writer.ts";
import type { Sealer } from "./sealer.ts";
import { serviceRecord } from "./service-record.ts";

/** What takes part when the key of a journal changes. */
export interface ChangeKeyParts {
  readonly origin: string;
  readonly writer: JournalWriter;
  readonly sealer: Sealer;
  readonly signer: EntrySigner | undefined;
  readonly checkpoint: () => Promise<string>;
}

/** Goes on with another key: on record first, then under a checkpoint that both have signed. */
export async function changeKey(parts: ChangeKeyParts, old: PrivateKey, next: PrivateKey): Promise<void> {
  const { origin, writer, sealer, signer, checkpoint } = parts;
  const [from, to] = [old, next].map((key) => formatVerifierKey(verifierKey(origin, key.publicKey)));
  if (from === to) throw new RangeError("the new key must be another one");
  // From here on, so that no checkpoint that covers the record has the old key's signature alone.
  sealer.signWith(old, next);
  const record = serviceRecord(origin, "journal.key", { old: from as string, new: to as string });
  try {
    await writer.append(encodeRecord(record), "record", writer.deadline());
    signer?.signWith(next);
    await checkpoint();
  } catch (error) {
    sealer.signWith(old);
    signer?.signWith(old);
    throw error;
  }
  sealer.signWith(next);
}

/** Records that signatures of a key count for nothing from a size on, under a checkpoint. */
export async function revokeKey(
  { origin, writer, checkpoint }: ChangeKeyParts,
  own: PrivateKey,
  { key, fromSize }: { readonly key: string; readonly fromSize: number },
): Promise<void> {
  if (key === formatVerifierKey(verifierKey(origin, own.publicKey)))
    throw new RangeError("key must not be the one that signs: rotate it first");
  if (parseVerifierKey(key).name !== origin) throw new RangeError("key must be one of this journal");
  if (!Number.isSafeInteger(fromSize) || fromSize < 0)
    throw new RangeError(`fromSize must be a size, got ${fromSize}`);
  const record = serviceRecord(origin, "journal.key", { revoked: key, from: fromSize });
  await writer.append(encodeRecord(record), "record", writer.deadline());
  await checkpoint();
}
