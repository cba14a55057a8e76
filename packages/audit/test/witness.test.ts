import { createServer, type Server } from "node:http";
import {
  formatVerifierKey,
  parseNote,
  parseVerifierKey,
  verifierKey,
  verifyCheckpoint,
  verifyConsistency,
  verifyNote,
  witnessAnchor,
} from "@symbiont/audit";
import { importPrivateKeyRaw, sign } from "@symbiont/keys";
import { concatBytes, decodeBase64, encodeBase64, encodeUtf8 } from "@symbiont/kit";
import { afterEach, describe, expect, test } from "vitest";
import { fill, key, openJournal, origin, record, refusal } from "./journal-fixtures.ts";
import { withFolder } from "./temporary-folder.ts";

const witnessKey = importPrivateKeyRaw("Ed25519", new Uint8Array(32).fill(3));
const witness = verifierKey("witness.example/w1", witnessKey.publicKey, "cosignature");
const logKey = formatVerifierKey(verifierKey(origin, key.publicKey));
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A witness as the specification has it: it remembers the last size and root, and checks that they are continued. */
async function startWitness(): Promise<{
  url: string;
  state: { size: number; root: Uint8Array; statuses: number[] };
}> {
  const state = { size: 0, root: new Uint8Array(32) as Uint8Array, statuses: [] as number[] };
  const answer = (body: string): [number, string] => {
    const split = body.indexOf("\n\n");
    const [oldLine = "", ...proof] = body.slice(0, split).split("\n");
    const note = body.slice(split + 2);
    const old = Number(oldLine.slice("old ".length));
    const checkpoint = verifyCheckpoint(note, origin, [parseVerifierKey(logKey)]);
    if (old > checkpoint.size) return [400, ""];
    if (old !== state.size) return [409, `${state.size}\n`];
    try {
      if (old > 0) {
        const hashes = proof.map(decodeBase64);
        verifyConsistency(
          { first: old, second: checkpoint.size, proof: hashes },
          state.root,
          checkpoint.root,
        );
      } else if (proof.length > 0) return [422, ""];
    } catch {
      return [422, ""];
    }
    state.size = checkpoint.size;
    state.root = checkpoint.root;
    const seconds = 1_780_000_000;
    const time = new Uint8Array(8);
    new DataView(time.buffer).setBigUint64(0, BigInt(seconds));
    const signature = sign(
      witnessKey,
      encodeUtf8(`cosignature/v1\ntime ${seconds}\n${parseNote(note).text}`),
    );
    return [200, `— ${witness.name} ${encodeBase64(concatBytes(witness.id, time, signature))}\n`];
  };
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const [status, text] = request.url === "/w/add-checkpoint" ? answer(body) : ([404, ""] as const);
      state.statuses.push(status);
      response.writeHead(status).end(text);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as { port: number }).port}/w`, state };
}

function anchorTo(url: string, directory: string, more: object = {}) {
  return witnessAnchor({
    url,
    key: formatVerifierKey(witness),
    directory,
    trusted: [logKey],
    fetch,
    ...more,
  });
}

describe("a witness", () => {
  test("cosigns each checkpoint after a proof that it continues the one before", async () => {
    const { url, state } = await startWitness();
    await withFolder(async (folder) => {
      const cosigned: string[] = [];
      const onCosigned = (note: string): void => void cosigned.push(note);
      const journal = await openJournal(folder, { anchor: anchorTo(url, folder, { onCosigned }) });
      for (let round = 0; round < 3; round += 1) {
        await fill(journal, 5);
        await journal.checkpoint();
      }
      await journal.close();
      expect(state.statuses).toEqual([200, 200, 200, 200, 200]);
      for (const note of cosigned)
        expect(verifyNote(note, [witness, parseVerifierKey(logKey)]).keys).toHaveLength(2);
    });
  });

  test("tells which size it saw after our restart, and is given the proof from there", async () => {
    const { url, state } = await startWitness();
    await withFolder(async (folder) => {
      for (let round = 0; round < 2; round += 1) {
        const journal = await openJournal(folder, { anchor: anchorTo(url, folder, { required: true }) });
        await fill(journal, 5);
        await journal.close();
      }
      expect(state.statuses).toEqual([200, 200, 409, 200, 200]);
      expect(state.size).toBe(14);
    });
  });

  test("that saw other records, or more of them, stops the journal, required or not", async () => {
    const { url, state } = await startWitness();
    await withFolder(async (folder) => {
      const journal = await openJournal(folder, { anchor: anchorTo(url, folder) });
      await fill(journal, 5);
      await journal.checkpoint();
      state.root = new Uint8Array(32);
      await fill(journal, 1);
      await expect(journal.checkpoint()).rejects.toMatchObject({
        code: "AUDIT_UNAVAILABLE",
        cause: refusal("AUDIT_FORKED"),
      });
      await journal.close().catch(() => undefined);
      state.size = 1_000;
      const again = await openJournal(folder, { anchor: anchorTo(url, folder) });
      await expect(again.checkpoint()).rejects.toMatchObject({ cause: refusal("AUDIT_ROLLBACK") });
      await again.close().catch(() => undefined);
    });
  });

  test.each([
    [false, "kept"],
    [true, "AUDIT_UNAVAILABLE"],
  ])("that cannot be reached matters when it is required: %s", async (required, expected) => {
    await withFolder(async (folder) => {
      const anchor = anchorTo("http://127.0.0.1:9/w", folder, { required });
      const journal = await openJournal(folder, { anchor });
      await journal.append(record("a"));
      const end = await journal.checkpoint().then(
        () => "kept",
        (error: { code: string }) => error.code,
      );
      expect(end).toBe(expected);
      await journal.close().catch(() => undefined);
    });
  });

  test("whose answer is signed by somebody else is not believed", async () => {
    const { url } = await startWitness();
    await withFolder(async (folder) => {
      const other = importPrivateKeyRaw("Ed25519", new Uint8Array(32).fill(4));
      const key_ = formatVerifierKey(verifierKey(witness.name, other.publicKey, "cosignature"));
      const anchor = witnessAnchor({
        url,
        key: key_,
        directory: folder,
        trusted: [logKey],
        fetch,
        required: true,
      });
      const journal = await openJournal(folder, { anchor });
      await expect(journal.checkpoint()).rejects.toThrow(refusal("AUDIT_UNAVAILABLE"));
      await journal.close().catch(() => undefined);
    });
  });

  test("needs a cosignature key", () => {
    const options = { url: "x", key: logKey, directory: "x", trusted: [], fetch };
    expect(() => witnessAnchor(options)).toThrow(TypeError);
  });
});

test("a witness that does not stop answering is not read to its end", async () => {
  let sent = 0;
  const endless = (): Response =>
    new Response(
      new ReadableStream({
        pull: (controller) => {
          sent += 1;
          controller.enqueue(new Uint8Array(65_536).fill(0x61));
        },
      }),
    );
  await withFolder(async (folder) => {
    const anchor = witnessAnchor({
      url: "https://witness.example",
      key: formatVerifierKey(witness),
      directory: folder,
      trusted: [logKey],
      fetch: async () => Promise.resolve(endless()),
      required: true,
    });
    const journal = await openJournal(folder);
    await journal.append(record("a"));
    const note = await journal.checkpoint();
    await expect(anchor.keep(note)).rejects.toThrow("too long");
    expect(sent).toBeLessThan(10);
    await journal.close();
  });
});
