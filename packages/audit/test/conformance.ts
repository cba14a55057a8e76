import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  AuditError,
  CompactRange,
  consistencyProof,
  formatTlogProof,
  formatVerifierKey,
  inclusionProof,
  Journal,
  leafHash,
  parseNote,
  parseVerifierKey,
  signCheckpoint,
  signEntry,
  signNote,
  verifierKey,
  verifyCheckpoint,
  verifyConsistency,
  verifyEntrySignature,
  verifyInclusion,
  verifyJournal,
  verifyNote,
  verifyTlogProof,
} from "@symbiont/audit";
import { verifyCriticChain, verifySessionTranscript } from "@symbiont/audit/symbiont";
import { importPrivateKeyRaw, importPublicKeyRaw, type PrivateKey, sha256Hex, sign } from "@symbiont/keys";
import {
  canonicalJson,
  decodeBase64,
  decodeHex,
  encodeBase64,
  encodeHex,
  encodeUtf8,
  parseJson,
} from "@symbiont/kit";
import { expect } from "vitest";
import type { ConformanceSuite } from "../../../scripts/conformance/suite.ts";
import { consistencyRanges, inclusionRanges } from "../src/merkle/proof-ranges.ts";
import { tilePath } from "../src/merkle/tile-path.ts";
import { TileReader } from "../src/merkle/tile-reader.ts";
import { TileWriter } from "../src/merkle/tile-writer.ts";
import { formatAddCheckpoint } from "../src/notes/add-checkpoint.ts";
import { rustNumber } from "../src/symbiont/rust-number.ts";
import { withFolder } from "./temporary-folder.ts";

const chainVectors = new URL("./vectors/audit/journal-chain.json", import.meta.url);

function rootOf(leaves: readonly Uint8Array[]): string {
  const range = new CompactRange();
  for (const leaf of leaves) range.append(leaf);
  return encodeHex(range.root());
}

function checkProofs(
  data: any,
  leaves: readonly Uint8Array[],
  roots: ReadonlyMap<number, string>,
  check: any,
): void {
  for (const { index, size, proof } of data.inclusion) {
    check(`inclusion of ${index} in ${size}`, () => {
      const made = inclusionProof(leaves.slice(0, size), index);
      expect(made.proof.map(encodeHex)).toEqual(proof);
      const root = decodeHex(roots.get(size) ?? rootOf(leaves.slice(0, size)));
      verifyInclusion(leaves[index] as Uint8Array, made, root);
    });
  }
  for (const { first, second, proof } of data.consistency) {
    check(`consistency of ${first} with ${second}`, () => {
      const made = consistencyProof(leaves.slice(0, second), first);
      expect(made.proof.map(encodeHex)).toEqual(proof);
      const root = (size: number): Uint8Array => decodeHex(roots.get(size) ?? rootOf(leaves.slice(0, size)));
      verifyConsistency(made, root(first), root(second));
    });
  }
}

const refusal = (code: string) => expect.objectContaining({ code }) as Error;

export const suite: ConformanceSuite = {
  "audit/rfc6962-small.json": (data, check) => {
    const leaves: Uint8Array[] = data.leaves.map((leaf: string) => leafHash(decodeHex(leaf)));
    check("leaf hashes", () => expect(leaves.map(encodeHex)).toEqual(data.leafHashes));
    check("roots", () => {
      expect(data.roots.map((_: string, size: number) => rootOf(leaves.slice(0, size)))).toEqual(data.roots);
    });
    checkProofs(data, leaves, new Map(data.roots.map((root: string, size: number) => [size, root])), check);
  },
  "audit/rfc6962-large.json": (data, check) => {
    const leaves = Array.from({ length: data.size }, (_, index) => leafHash(encodeUtf8(`record ${index}`)));
    const roots = new Map<number, string>(data.roots.map(({ size, root }: any) => [size, root]));
    for (const [size, root] of roots)
      check(`root of ${size}`, () => expect(rootOf(leaves.slice(0, size))).toBe(root));
    checkProofs(data, leaves, roots, check);
    check("tiles, and every proof made from them", async () => {
      await withTiles(leaves, (directory, tiles) => {
        for (const { path, bytes, sha256 } of data.tiles) {
          const tile = readFileSync(join(directory, path));
          expect([path, tile.length, sha256Hex(tile)]).toEqual([path, bytes, sha256]);
        }
        for (const { index, size, proof } of data.inclusion) {
          const made = inclusionRanges(index, size).map(([start, end]) =>
            encodeHex(tiles.rangeRoot(start, end)),
          );
          expect(made).toEqual(proof);
        }
        for (const { first, second, proof } of data.consistency) {
          const made = consistencyRanges(first, second).map(([a, b]) => encodeHex(tiles.rangeRoot(a, b)));
          expect(made).toEqual(proof);
        }
      });
    });
    for (const { index, path } of data.indexEncoding)
      check(`tile ${index}`, () => expect(tilePath(0, index)).toBe(`0/${path}`));
  },
  "audit/rfc6962-negative.json": (data, check) => {
    for (const { kind, name, proof, ...rest } of data.cases) {
      check(`${kind}: ${name}`, () => {
        const hashes = proof.map(decodeHex);
        const run = (): void =>
          kind === "inclusion"
            ? verifyInclusion(
                decodeHex(rest.leafHash),
                { index: rest.index, size: rest.size, proof: hashes },
                decodeHex(rest.root),
              )
            : verifyConsistency(
                { first: rest.first, second: rest.second, proof: hashes },
                decodeHex(rest.root1),
                decodeHex(rest.root2),
              );
        expect(run).toThrow(refusal("AUDIT_PROOF_INVALID"));
      });
    }
  },
  "audit/signed-notes.json": (data, check) => {
    const types: Record<string, "ed25519" | "cosignature"> = { witness: "cosignature" };
    const privateKeys = new Map<string, PrivateKey>();
    for (const [name, { seedHex, vkey }] of Object.entries<any>(data.keys)) {
      const key = importPrivateKeyRaw("Ed25519", decodeHex(seedHex));
      privateKeys.set(name, key);
      check(`key ${name}`, () => {
        const parsed = parseVerifierKey(vkey);
        expect(formatVerifierKey(parsed)).toBe(vkey);
        expect(formatVerifierKey(verifierKey(parsed.name, key.publicKey, types[name] ?? "ed25519"))).toBe(
          vkey,
        );
      });
    }
    check("the example of the specification", () => {
      const { vkey, note } = data.specExample;
      expect(verifyNote(note, [parseVerifierKey(vkey)]).text).toBe("This is an example message.\n");
    });
    for (const [name, { text, note }] of Object.entries<any>(data.notes)) {
      check(`note ${name} is taken apart, and signed alike`, () => {
        expect(parseNote(note).text).toBe(text);
        const ours = signNote(text, data.origin, privateKeys.get("log1") as PrivateKey);
        expect(note.startsWith(ours)).toBe(true);
      });
    }
    for (const { note, vkey, result } of data.checks) {
      check(`${note} with ${vkey}`, () => {
        const trusted = [parseVerifierKey(data.keys[vkey].vkey)];
        if (result === true)
          expect(verifyNote(data.notes[note].note, trusted).text).toBe(data.notes[note].text);
        else
          expect(() => verifyNote(data.notes[note].note, trusted)).toThrow(refusal("AUDIT_NOTE_UNTRUSTED"));
      });
    }
    check("a proof as text", () => {
      const { text, leafHex } = data.tlogProof;
      const leaf = leafHash(decodeHex(leafHex));
      const trusted = [parseVerifierKey(data.keys.log1.vkey)];
      const { index, checkpoint } = verifyTlogProof(text, leaf, { origin: data.origin, trusted });
      expect([index, checkpoint.size]).toEqual([5, 8]);
      const proof = text.split("\n").slice(2, 5).map(decodeBase64);
      expect(formatTlogProof({ index, size: 8, proof }, text.slice(text.indexOf("\n\n") + 2))).toBe(text);
    });
    check("what a witness is asked", () => {
      const [old, ...lines] = data.addCheckpointBody.split("\n\n")[0].split("\n");
      const note = data.addCheckpointBody.slice(data.addCheckpointBody.indexOf("\n\n") + 2);
      expect(old).toBe("old 5");
      expect(formatAddCheckpoint(5, lines.map(decodeBase64), note)).toBe(data.addCheckpointBody);
    });
    for (const { name, note } of data.reject) {
      check(`refuses: ${name}`, () => {
        expect(() => verifyCheckpoint(note, data.origin, [parseVerifierKey(data.keys.log1.vkey)])).toThrow(
          expect.objectContaining({ code: expect.stringMatching(/^AUDIT_NOTE_(MALFORMED|UNTRUSTED)$/) }),
        );
      });
    }
  },
  "audit/journal-chain.json": (data, check) => {
    const key = importPrivateKeyRaw("Ed25519", new Uint8Array(32).fill(1));
    const origin: string = data.header.origin;
    const leaves: Uint8Array[] = data.lines.map((line: string) => leafHash(encodeUtf8(line)));
    check("header, leaves and roots", () => {
      expect(canonicalJson(data.header)).toBe(data.headerCanonical);
      expect(leaves.map(encodeHex)).toEqual(data.leafHashes);
      expect(leaves.map((_, index) => rootOf(leaves.slice(0, index + 1)))).toEqual(data.roots);
      for (const line of data.lines) expect(canonicalJson(parseJson(line))).toBe(line);
    });
    check("checkpoints", () => {
      for (const [note, size] of [
        [data.checkpoint3, 3],
        [data.checkpoint6, 6],
      ] as const) {
        const root = decodeHex(data.roots[size - 1]);
        expect(signCheckpoint({ origin, size, root }, key)).toBe(note);
        expect(verifyCheckpoint(note, origin, [parseVerifierKey(data.header.key)])).toEqual({
          origin,
          size,
          root,
        });
      }
    });
    check("proofs", () => {
      expect(inclusionProof(leaves, 1).proof.map(encodeHex)).toEqual(data.inclusion1of6);
      expect(consistencyProof(leaves, 3).proof.map(encodeHex)).toEqual(data.consistency3to6);
    });
    for (const { seq, message, sig } of data.entrySignatures) {
      check(`entry signature ${seq}`, () => {
        expect(message).toBe(
          `audit-entry/1\n${origin}\n${seq}\n${encodeBase64(leaves[seq] as Uint8Array)}\n`,
        );
        expect(decodeBase64(sig).slice(4)).toEqual(sign(key, message));
        const entry = { origin, sequence: seq, leaf: leaves[seq] as Uint8Array };
        expect(signEntry(entry, key)).toBe(sig);
        verifyEntrySignature(sig, entry, [parseVerifierKey(data.header.key)]);
      });
    }
    check("the whole journal verifies", async () => {
      await withJournal({ segment: `${data.lines.join("\n")}\n`, note: data.checkpoint6 }, async (folder) => {
        const report = await verifyJournal(folder, {
          trusted: [data.header.key],
          anchors: [data.checkpoint3],
        });
        expect(report).toMatchObject({
          origin,
          records: 6,
          signedRecords: 6,
          openAttempts: [],
          tornBytes: 0,
        });
        expect(encodeHex(report.root)).toBe(data.roots[5]);
      });
    });
    const tampered: Record<string, { lines: (lines: string[]) => string[]; code: string }> = {
      "field edited in record 1": {
        lines: (lines) => replace(lines, 1, (line) => line.replace("denied", "success")),
        code: "AUDIT_CORRUPT",
      },
      "record 3 removed": {
        lines: (lines) => lines.filter((_, index) => index !== 3),
        code: "AUDIT_CORRUPT",
      },
      "tail removed": { lines: (lines) => lines.slice(0, 4), code: "AUDIT_ROLLBACK" },
      "non-canonical line": {
        lines: (lines) => replace(lines, 2, (line) => line.replace(",", ", ")),
        code: "AUDIT_CORRUPT",
      },
    };
    for (const { name, how } of data.tamper) {
      check(`tampered: ${name}`, async () => {
        const rewritten = name === "all re-written with a new key";
        const change = tampered[name];
        if (change === undefined && !rewritten) throw new Error(`unknown tamper case: ${how}`);
        const lines: string[] = change?.lines([...data.lines]) ?? data.lines;
        const other = importPrivateKeyRaw("Ed25519", new Uint8Array(32).fill(2));
        const note = rewritten
          ? signCheckpoint({ origin, size: 6, root: decodeHex(data.roots[5]) }, other)
          : data.checkpoint6;
        await withJournal({ segment: `${lines.join("\n")}\n`, note }, async (folder) => {
          const code = change?.code ?? "AUDIT_NOTE_UNTRUSTED";
          await expect(verifyJournal(folder, { trusted: [data.header.key] })).rejects.toThrow(refusal(code));
        });
      });
    }
  },
  "audit/symbiont-chains.json": (data, check) => {
    const publicKey = importPublicKeyRaw("Ed25519", decodeHex(data.publicHex));
    const kinds = { critic: verifyCriticChain, transcript: verifySessionTranscript };
    for (const [kind, verifyChain] of Object.entries(kinds)) {
      const entries = data[kind].entries.map(({ json }: any) => json);
      const options = { publicKey, expectedLength: entries.length, expectedHead: entries.at(-1).chain_hash };
      check(`${kind} chain`, () => verifyChain(entries, options));
      check(`${kind} chain, cut, forged, reordered or longer`, () => {
        expect(() => verifyChain(entries.slice(0, -1), options)).toThrow(refusal("AUDIT_ROLLBACK"));
        expect(() => verifyChain(entries.toReversed(), options)).toThrow(refusal("AUDIT_CORRUPT"));
        expect(() => verifyChain(entries.slice(1), options)).toThrow(refusal("AUDIT_CORRUPT"));
        const shorter = { ...options, expectedLength: entries.length - 1 };
        expect(() => verifyChain(entries, shorter)).toThrow(refusal("AUDIT_FORKED"));
        for (const [name, value] of Object.entries(entries[0])) {
          if (["dimension_scores", "critic_identity", "reason"].includes(name)) continue; // covered by no hash, or null
          const changed = {
            ...entries[0],
            [name]: typeof value === "number" ? value + 1 : `${String(value)}0`,
          };
          expect(() => verifyChain([changed, ...entries.slice(1)], options), name).toThrow(
            expect.objectContaining({ code: expect.stringMatching(/^AUDIT_(CORRUPT|NOTE_UNTRUSTED)$/) }),
          );
        }
      });
    }
    check("scores as Rust writes them", () => {
      for (const { value, text } of data.scoreText) expect(rustNumber(value)).toBe(text);
    });
  },
  "audit/torn-tail.json": (data, check) => {
    const chain = JSON.parse(readFileSync(chainVectors, "utf8"));
    const key = importPrivateKeyRaw("Ed25519", new Uint8Array(32).fill(1));
    const origin: string = chain.header.origin;
    for (const { name, fileBase64, checkpointSize, expect: expected } of data.cases) {
      check(name, async () => {
        const bytes = Uint8Array.from(Buffer.from(fileBase64, "base64"));
        const root = decodeHex(checkpointSize === 0 ? rootOf([]) : chain.roots[checkpointSize - 1]);
        const note = signCheckpoint({ origin, size: checkpointSize, root }, key);
        await withJournal({ segment: bytes, note }, async (folder) => {
          const opening = Journal.open(folder, { origin, key, anchor: () => undefined });
          if (expected.action === "refuse") {
            const error = await opening.then(
              () => undefined,
              (caught: unknown) => caught as AuditError,
            );
            expect(error).toMatchObject({
              code: expected.code,
              record: expected.atRecord ?? expected.records,
            });
            expect(readFileSync(join(folder, "seg", "0000000000000000.jsonl"))).toEqual(Buffer.from(bytes));
            return;
          }
          const journal = await opening;
          const records = journal.size - 1; // the record that it was opened
          await journal.close();
          const kept = readFileSync(join(folder, "seg", "0000000000000000.jsonl")).subarray(
            0,
            expected.keepBytes,
          );
          expect(records).toBe(expected.records);
          expect(kept).toEqual(Buffer.from(bytes.subarray(0, expected.keepBytes)));
          const torn = readdirSync(join(folder, "quarantine")).map((file) =>
            readFileSync(join(folder, "quarantine", file)),
          );
          expect(torn).toEqual(
            expected.action === "open" ? [] : [Buffer.from(bytes.subarray(expected.keepBytes))],
          );
          if (expected.tornBytes !== undefined) expect(torn[0]).toHaveLength(expected.tornBytes);
          await verifyJournal(folder, { trusted: [chain.header.key], anchors: [note] });
        });
      });
    }
  },
};

function replace(lines: string[], index: number, change: (line: string) => string): string[] {
  return lines.map((line, at) => (at === index ? change(line) : line));
}

/** Runs with the tiles of a tree, the way a journal writes them. */
async function withTiles(
  leaves: readonly Uint8Array[],
  run: (directory: string, tiles: TileReader) => void,
): Promise<void> {
  await withFolder(async (folder) => {
    const range = new CompactRange();
    const writer = TileWriter.resume(join(folder, "tile"), range);
    if (writer === undefined) throw new Error("no tiles");
    for (const leaf of leaves) range.appendHex(encodeHex(leaf), writer.listener);
    writer.writeOpen();
    await Promise.resolve(run(folder, new TileReader(join(folder, "tile"))));
  });
}

/** Runs with a journal's folder built from the header of journal-chain.json, one segment and a checkpoint. */
async function withJournal(
  { segment, note }: { segment: string | Uint8Array; note: string },
  run: (folder: string) => Promise<void>,
): Promise<void> {
  const { headerCanonical } = JSON.parse(readFileSync(chainVectors, "utf8"));
  await withFolder(async (folder) => {
    mkdirSync(join(folder, "seg"), { mode: 0o700 });
    writeFileSync(join(folder, "log.json"), headerCanonical, { mode: 0o600 });
    writeFileSync(join(folder, "checkpoint"), note, { mode: 0o600 });
    writeFileSync(join(folder, "seg", "0000000000000000.jsonl"), segment, { mode: 0o600 });
    await run(folder);
  });
}
