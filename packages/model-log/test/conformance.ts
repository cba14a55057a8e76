import { createDecipheriv } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { hashRaw } from "@node-rs/argon2";
import { decodeBase64, decodeHex } from "@symbiont/kit";
import { verifyModelLog } from "@symbiont/model-log";
import { readSymbiontLog } from "@symbiont/model-log/symbiont";
import { expect } from "vitest";
import type { ConformanceSuite } from "../../../scripts/conformance/suite.ts";
import { MemoryVault, readAll, withFolder } from "./fixtures.ts";

const NAME = "mlog-20260102T030405000-702d0e2a.log";

export const suite: ConformanceSuite = {
  "secrets/proposed-model-log-v1.json": (data, check) => {
    const source = new MemoryVault();
    source.secrets.set("model-log/kek@1", decodeHex(data.kek_hex));
    const keys = { kind: "wrapped", source, name: "model-log/kek@1" } as const;
    const withSegment = async (text: string, run: (folder: string) => Promise<void>): Promise<void> =>
      withFolder(async (folder) => {
        writeFileSync(join(folder, NAME), text, { mode: 0o600 });
        await run(folder);
      });
    check("the segment verifies, and its bodies are those stated", async () => {
      await withSegment(data.file_utf8, async (folder) => {
        const [report] = await verifyModelLog(folder, { keys });
        expect(report).toEqual({
          segment: NAME,
          records: 3,
          sealed: true,
          dropped: 0,
          late: 0,
          unanswered: 0,
          forgotten: 0,
        });
        const bodies = (await readAll(folder, keys)).map(({ body }) => body);
        expect(bodies).toEqual(data.trace.slice(0, 2).map(({ body }: any) => JSON.parse(body)));
      });
    });
    for (const { name, file_utf8: text } of data.negative) {
      check(`damaged: ${name}`, async () => {
        await withSegment(text, async (folder) => {
          const [report] = await verifyModelLog(folder, { keys });
          if (report?.fault === undefined) expect(report).toMatchObject({ sealed: false });
          else expect(report.fault.code).toMatch(/^MODEL_LOG_(?:TAMPERED|WRONG_KEY)$/);
        });
      });
    }
  },
  "secrets/symbiont-model-log.json": (data, check) => {
    check("entries, joined with their updates, decrypt to the stated texts", async () => {
      const open = async (envelope: any): Promise<string> => openSymbiontEnvelope(envelope, data.password);
      const { entries, torn } = readSymbiontLog(`${data.lines.join("\n")}\n`, open);
      expect([entries.length, torn]).toEqual([2, false]);
      for (const { clear, request, response } of entries) {
        expect(clear).toMatchObject({ agent_id: "5f0c5d1e-6d0b-4a57-9f0e-0d6f4d6a9b11", latency_ms: 150 });
        expect(await request()).toEqual(JSON.parse(data.decrypted.request));
        expect(await response?.()).toEqual(JSON.parse(data.decrypted.response));
      }
    });
    check("a torn last line is said, and lines that are none are refused", () => {
      const open = async (): Promise<string> => Promise.resolve("");
      expect(readSymbiontLog(`${data.lines[0]}\n{"id`, open)).toMatchObject({ torn: true });
      for (const text of ["{\n", "[]\n", "UPDATE: 1\n", '{"id":1}\n', '{"id":"1","request_data":null}\n'])
        expect(() => readSymbiontLog(text, open)).toThrow(
          expect.objectContaining({ code: "MODEL_LOG_FORMAT_INVALID" }),
        );
    });
  },
};

/** Symbiont's password envelope, from its description. */
export async function openSymbiontEnvelope(
  envelope: Record<string, string>,
  password: string,
): Promise<string> {
  const { ciphertext = "", nonce = "", salt = "" } = envelope;
  const key = await hashRaw(password, {
    memoryCost: 65_536,
    timeCost: 3,
    parallelism: 1,
    outputLen: 32,
    salt: decodeBase64(salt),
  });
  const sealed = decodeBase64(ciphertext);
  const decipher = createDecipheriv("aes-256-gcm", key, decodeBase64(nonce));
  decipher.setAuthTag(sealed.subarray(-16));
  return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]).toString("utf8");
}
