import { sha256Hex } from "@symbiont/keys";
import { canonicalize, signSchema } from "@symbiont/schemapin";
import { expect } from "vitest";
import { key } from "../fixtures.ts";
import type { Reference } from "./reference.ts";
import { schemas } from "./schema-generator.ts";

const BATCH = 2_000;

/**
 * Compares canonical forms of `count` portable schemas with the reference's, and sees to it that the others are not
 * signed.
 */
export async function compareCanonicalForms(
  reference: Reference,
  count: number,
  seed: number,
): Promise<{ readonly refused: number }> {
  const source = schemas(seed);
  let compared = 0;
  let refused = 0;
  let before: Promise<void> = Promise.resolve();
  while (compared < count) {
    const texts: string[] = [];
    const ours: string[] = [];
    while (texts.length < BATCH && compared + texts.length < count) {
      const schema = source.next().value as string;
      const { text, issues } = canonicalize(schema);
      if (issues.length > 0) {
        refused += 1;
        expectRefused(schema);
        continue;
      }
      texts.push(schema);
      ours.push(sha256Hex(text));
    }
    compared += texts.length;
    // While the reference works on this batch, the next one is made.
    await before;
    before = compareBatch(reference, texts, ours);
  }
  await before;
  return { refused };
}

async function compareBatch(
  reference: Reference,
  texts: readonly string[],
  ours: readonly string[],
): Promise<void> {
  const theirs = await reference.ask<string[] | undefined>("digests", texts);
  const different = ours.findIndex((digest, index) => digest !== theirs?.[index]);
  expect(different === -1 ? "no difference" : texts[different]).toBe("no difference");
}

function expectRefused(schema: string): void {
  try {
    signSchema(schema, key);
  } catch (error) {
    if ((error as { code?: unknown }).code === "SCHEMAPIN_NOT_PORTABLE") return;
    throw error;
  }
  throw new Error(`signed although it is not portable: ${schema}`);
}
