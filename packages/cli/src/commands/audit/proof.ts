import { JournalProofs } from "@symbiont/audit";
import { encodeHex } from "@symbiont/kit";
import type { Answer, Task } from "../../program/task.ts";
import { UsageError } from "../../program/usage-error.ts";
import { writePublic } from "../../program/write-file.ts";
import { type JournalOptions, journalPlace } from "./journal-place.ts";

/** `audit proof`: a C2SP tlog proof, which `verifyTlogProof` of `@symbiont/audit` checks. */
export async function proveRecord(
  options: JournalOptions & { readonly out?: string },
  task: Task,
  sequence = "",
  folder?: string,
): Promise<Answer | undefined> {
  if (!/^\d{1,15}$/.test(sequence)) throw new UsageError("the sequence must be a whole number from 0");
  const { directory, trusted } = await journalPlace(options, folder, task);
  const proofs = await JournalProofs.open(directory, { trusted });
  const index = Number(sequence);
  if (index >= proofs.size) throw new UsageError(`there are ${proofs.size} signed records`);
  const proof = proofs.tlogProof(index);
  const leaf = encodeHex(proofs.leaf(index));
  if (options.out === undefined) {
    await task.raw(task.json ? `${JSON.stringify({ sequence: index, leaf, proof })}\n` : proof);
    return undefined;
  }
  await writePublic(options.out, proof);
  return {
    data: { sequence: index, leaf, out: options.out },
    lines: [["ok", `${options.out}: record ${index}, leaf ${leaf}`]],
  };
}
