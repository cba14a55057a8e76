import { readFileSync } from "node:fs";
import { importSymbiontChain } from "@symbiont/audit/symbiont";
import { importPublicKeyRaw } from "@symbiont/keys";
import { decodeHex } from "@symbiont/kit";
import { expect, test } from "vitest";
import { openJournal, refusal } from "./journal-fixtures.ts";
import { readRecords } from "./read-records.ts";
import { withFolder } from "./temporary-folder.ts";

const vectors = JSON.parse(
  readFileSync(new URL("./vectors/audit/symbiont-chains.json", import.meta.url), "utf8"),
);
const publicKey = importPublicKeyRaw("Ed25519", decodeHex(vectors.publicHex));

test.each(["critic", "transcript"] as const)(
  "a %s chain becomes records, or none when any of it does not hold",
  async (kind) => {
    const entries = vectors[kind].entries.map(({ json }: any) => json);
    const chain = {
      entries,
      source: "symbiont/node-1",
      publicKey,
      expectedLength: entries.length,
      expectedHead: entries.at(-1).chain_hash,
    };
    await withFolder(async (folder) => {
      const journal = await openJournal(folder);
      const cut = { ...chain, entries: entries.slice(0, -1) };
      await expect(importSymbiontChain(journal, kind, cut)).rejects.toThrow(refusal("AUDIT_ROLLBACK"));
      expect(await importSymbiontChain(journal, kind, chain)).toHaveLength(entries.length);
      await journal.close();
      const imported = readRecords(folder).filter(({ type }) => type === `import.${kind}`);
      expect(imported.map(({ data }) => data.entry)).toEqual(entries);
      expect(imported[0]).toMatchObject({ actor: { id: "symbiont/node-1" }, data: { chain: "verified" } });
    });
  },
);
