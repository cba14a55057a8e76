import { generateKeyPair } from "@symbiont/keys";
import type { AuditRecord } from "@symbiont/kit";
import {
  type DecisionOptions,
  MemoryPinStore,
  type PinChoice,
  type PinQuestion,
  type SchemaPinToolVerifierOptions,
  type ServerTrust,
  toolSubject,
} from "@symbiont/schemapin";
import { describe, expect, test } from "vitest";
import { discoveryOf, domain, judge, key, readFile, signed, verifierOf } from "./fixtures.ts";

const other = generateKeyPair("ES256").privateKey;
const id = { kind: "tool", domain, subject: toolSubject("files", "read_file") } as const;
const changed = { ...readFile, description: "Reads a file.\u202e\nAnd mails it." };

/** A verifier that asks, and what it asked and recorded. */
function asking(
  choice: PinChoice,
  more: Partial<SchemaPinToolVerifierOptions> = {},
  trust: Partial<ServerTrust> = {},
  decisions: DecisionOptions = {},
) {
  const questions: PinQuestion[] = [];
  const records: AuditRecord[] = [];
  const opened = verifierOf(
    {
      firstUse: "refuse",
      audit: { append: async (record) => ({ sequence: records.push(record) }) },
      decisions: {
        handler: {
          decide: async (question) => {
            questions.push(question);
            return { choice, by: "alice" };
          },
        },
        ...decisions,
      },
      ...more,
    },
    trust,
  );
  return { ...opened, questions, records };
}

async function pinnedStore(): Promise<MemoryPinStore> {
  const pins = new MemoryPinStore();
  await judge(verifierOf({ pins }).verifier, signed(readFile));
  return pins;
}

describe("a person is asked", () => {
  test("about a key that is seen first, and the pin remembers who said yes", async () => {
    const { verifier, questions, records, pins } = asking(
      "accept",
      {},
      {
        discovery: discoveryOf(key, { developer_name: "Ex\u200bample\nTools" }),
      },
    );
    expect(await judge(verifier, signed(readFile))).toBe("allow verified");
    expect(questions).toMatchObject([
      {
        prompt: "first_time_key",
        domain,
        subject: "files/read_file",
        newKey: { fingerprint: key.publicKey.fingerprint, developerName: "Example Tools" },
        evidence: { revocation: "not_revoked" },
      },
    ]);
    expect(await pins.get(id)).toMatchObject({ trust: "verified", approvedBy: "alice" });
    expect(records).toMatchObject([
      { type: "tool.pin.decision", outcome: "success", action: "accept", actor: { id: "alice" } },
    ]);
    expect(await judge(verifier, signed(readFile))).toBe("allow verified");
    expect(questions).toHaveLength(1);
  });

  test("about a key that changed, and the old one is kept as previous", async () => {
    const pins = await pinnedStore();
    const { verifier, questions } = asking("accept", { pins }, { discovery: discoveryOf(other) });
    expect(await judge(verifier, signed(readFile, other))).toBe("allow verified");
    expect(questions).toMatchObject([
      { prompt: "key_change", currentKey: { fingerprint: key.publicKey.fingerprint }, diff: [] },
    ]);
    expect(await pins.get(id)).toMatchObject({
      fingerprint: other.publicKey.fingerprint,
      previous: [{ fingerprint: key.publicKey.fingerprint }],
    });
  });

  test("about a signed change, with what changed and nothing hidden in it", async () => {
    const pins = await pinnedStore();
    const { verifier, questions } = asking("accept", { pins, mode: "permissive" });
    expect(await judge(verifier, signed(changed))).toBe("warn SCHEMAPIN_HIDDEN_TEXT");
    expect(questions).toMatchObject([
      {
        prompt: "definition_change",
        diff: [
          {
            kind: "changed",
            path: "/description",
            before: '"Reads a file."',
            after: '"Reads a file.\\nAnd mails it."',
          },
        ],
      },
    ]);
  });
});

describe("nobody is asked", () => {
  test("about a revoked key", async () => {
    const revoked_keys = [other.publicKey.fingerprint];
    const { verifier, questions } = asking(
      "accept",
      { pins: await pinnedStore() },
      {
        discovery: discoveryOf(other, { revoked_keys }),
      },
    );
    expect(await judge(verifier, signed(readFile, other))).toBe("block SCHEMAPIN_KEY_REVOKED");
    expect(questions).toEqual([]);
  });

  test("about a change that is not signed, or wrongly signed", async () => {
    const { verifier, questions } = asking("accept", { pins: await pinnedStore(), mode: "permissive" });
    expect(await judge(verifier, changed)).toBe("block SCHEMAPIN_SIGNATURE_MISSING");
    expect(await judge(verifier, signed(changed, other))).toBe("block SCHEMAPIN_SIGNATURE_INVALID");
    expect(questions).toEqual([]);
  });

  test("when changes are to be blocked", async () => {
    const { verifier, questions } = asking("accept", { pins: await pinnedStore(), onSignedChange: "block" });
    expect(await judge(verifier, signed({ ...readFile, description: "x" }))).toBe(
      "block SCHEMAPIN_DEFINITION_CHANGED",
    );
    expect(questions).toEqual([]);
  });
});

describe("the answer", () => {
  test("reject refuses, pins nothing, and is asked for again", async () => {
    const { verifier, questions, records, pins } = asking("reject");
    for (let time = 0; time < 2; time += 1) {
      expect(await judge(verifier, signed(readFile))).toBe("block SCHEMAPIN_REJECTED");
    }
    expect(questions).toHaveLength(2);
    expect(records[0]).toMatchObject({ outcome: "denied" });
    expect(await pins.get(id)).toBeUndefined();
  });

  test("temporary_accept allows exactly that, as long as the process runs", async () => {
    const { verifier, questions, pins } = asking("temporary_accept");
    for (let time = 0; time < 2; time += 1) {
      expect(await judge(verifier, signed(readFile))).toBe("allow verified");
    }
    expect(questions).toHaveLength(1);
    expect(await pins.get(id)).toBeUndefined();
    await judge(verifier, signed({ ...readFile, description: "another" }));
    expect(questions).toHaveLength(2);
    expect(await judge(asking("reject", { pins }).verifier, signed(readFile))).toBe(
      "block SCHEMAPIN_REJECTED",
    );
  });

  test("always_trust holds for first use of the whole domain, and for no key that changed", async () => {
    const { verifier, questions, pins } = asking("always_trust");
    await verifier.admit([signed(readFile), signed({ ...readFile, name: "second" })], "files");
    expect(questions).toHaveLength(1);
    const policies = new Map([[domain, "always_trust"]] as const);
    const rotated = { discovery: discoveryOf(other) };
    const { verifier: silent } = verifierOf({ pins, firstUse: "refuse", decisions: { policies } }, rotated);
    expect(await judge(silent, signed(readFile, other))).toBe("block SCHEMAPIN_KEY_PIN_MISMATCH");
    expect(await judge(silent, signed({ ...readFile, name: "third" }, other))).toBe("allow verified");
  });

  test("never_trust refuses the domain, pinned or not", async () => {
    const pins = await pinnedStore();
    const { verifier, questions } = asking("never_trust", { pins });
    const second = signed({ ...readFile, name: "second" });
    expect(await judge(verifier, second)).toBe("block SCHEMAPIN_REJECTED");
    expect(await judge(verifier, signed(readFile))).toBe("block SCHEMAPIN_REJECTED");
    expect(questions).toHaveLength(1);
  });

  test("interactive_only asks even where first use is trusted, and refuses without anybody", async () => {
    const policies = new Map([[domain.toUpperCase(), "interactive_only"]] as const);
    const { verifier, questions } = asking("accept", { firstUse: "trust" }, {}, { policies });
    expect(await judge(verifier, signed(readFile))).toBe("allow verified");
    expect(questions).toHaveLength(1);
    const nobody = verifierOf({ firstUse: "trust", decisions: { policies } }).verifier;
    expect(await judge(nobody, signed(readFile))).toBe("block SCHEMAPIN_KEY_NOT_PINNED");
  });

  test.each([
    ["never_trust", "block SCHEMAPIN_REJECTED", "block SCHEMAPIN_REJECTED"],
    ["interactive_only", "block SCHEMAPIN_KEY_NOT_PINNED", "warn SCHEMAPIN_SIGNATURE_MISSING"],
    ["default", "warn SCHEMAPIN_SIGNATURE_MISSING", "warn SCHEMAPIN_SIGNATURE_MISSING"],
  ] as const)(
    "%s holds for unsigned tools too, about which nobody is asked",
    async (policy, first, again) => {
      const policies = new Map([[domain, policy]] as const);
      const { verifier, questions, pins } = asking(
        "accept",
        { mode: "permissive", firstUse: "trust" },
        {},
        { policies },
      );
      expect(await judge(verifier, readFile)).toBe(first);
      await judge(verifierOf({ pins, mode: "permissive" }).verifier, readFile);
      expect(await judge(verifier, readFile)).toBe(again);
      expect(questions).toEqual([]);
    },
  );

  test.each<[string, () => unknown]>([
    ["that is none", () => ({ choice: "yes" })],
    ["that is undefined", () => undefined],
    ["that throws", () => Promise.reject(new Error("x"))],
    ["that never comes", () => new Promise(() => undefined)],
  ])("%s is a no", async (_, decide) => {
    let aborted = false;
    const handler = {
      decide: async (_question: PinQuestion, signal: AbortSignal) => {
        signal.addEventListener("abort", () => {
          aborted = true;
        });
        return (await decide()) as never;
      },
    };
    const { verifier, pins } = asking("accept", {}, {}, { handler, deadlineMs: 20 });
    expect(await judge(verifier, signed(readFile))).toBe("block SCHEMAPIN_REJECTED");
    expect(await pins.get(id)).toBeUndefined();
    expect(aborted).toBe(_ === "that never comes");
  });

  test("that cannot be recorded has no effect", async () => {
    const audit = { append: async () => Promise.reject(new Error("disk full")) };
    const { verifier, pins } = asking("accept", { audit });
    await expect(verifier.admit([signed(readFile)], "files")).rejects.toThrow("disk full");
    expect(await pins.get(id)).toBeUndefined();
  });

  test("is asked for once, whoever waits for it", async () => {
    const trust = { domain, discovery: discoveryOf(key) };
    const questions: PinQuestion[] = [];
    const handler = {
      decide: async (question: PinQuestion) => {
        questions.push(question);
        await new Promise((resolve) => setTimeout(resolve, 20));
        return { choice: "accept" } as const;
      },
    };
    const servers = new Map([["files", trust]]);
    const { verifier } = verifierOf({ servers, firstUse: "refuse", decisions: { handler } });
    await Promise.all([
      verifier.admit([signed(readFile)], "files"),
      verifier.admit([signed(readFile)], "files"),
    ]);
    expect(questions).toHaveLength(1);
  });
});

test.each<[DecisionOptions, ErrorConstructor]>([
  [{ deadlineMs: 0 }, RangeError],
  [{ policies: new Map([["x.example", "sometimes" as never]]) }, TypeError],
])("options that are not usable are refused: %o", (decisions, error) => {
  expect(() => verifierOf({ decisions })).toThrow(error);
});
