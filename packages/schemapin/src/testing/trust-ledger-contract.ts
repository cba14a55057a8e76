import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { TrustLedger } from "../discovery/trust-ledger.ts";

/** One promise of the contract. `run` rejects when it is not kept. */
export interface TrustLedgerCase {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/**
 * Everything a {@link TrustLedger} promises, for any test runner:
 * `for (const { name, run } of trustLedgerContract(open)) test(name, run)`.
 * @param open gives a new, empty ledger each time.
 * @param reopen gives a second ledger over the same data, as another process would have it; without it, what needs
 * two is left out.
 */
export function trustLedgerContract(
  open: () => Promise<TrustLedger>,
  reopen?: (ledger: TrustLedger) => Promise<TrustLedger>,
): readonly TrustLedgerCase[] {
  const cases = SINGLE.map(({ name, run }) => ({ name, run: async () => run(await open()) }));
  if (reopen === undefined) return cases;
  return cases.concat(
    DOUBLE.map(({ name, run }) => ({
      name,
      run: async () => {
        const ledger = await open();
        await run(ledger, await reopen(ledger));
      },
    })),
  );
}

const DOMAIN = "tools.example.com";
const WRITERS = 12;
const hash = (index: number): string => `sha256:${index.toString(16).padStart(64, "0")}`;

const SINGLE: readonly { readonly name: string; readonly run: (ledger: TrustLedger) => Promise<void> }[] = [
  {
    name: "an empty ledger knows nothing",
    run: async (ledger) => {
      deepStrictEqual(await ledger.revokedKeys(DOMAIN), new Set());
    },
  },
  {
    name: "a revoked key is remembered for its domain, and never forgotten",
    run: async (ledger) => {
      await ledger.addRevokedKeys(DOMAIN, new Set([hash(1)]));
      await ledger.addRevokedKeys(DOMAIN, new Set([hash(2), hash(1)]));
      await ledger.addRevokedKeys(DOMAIN, new Set());
      deepStrictEqual(await ledger.revokedKeys(DOMAIN), new Set([hash(1), hash(2)]));
      deepStrictEqual(await ledger.revokedKeys("other.example"), new Set());
    },
  },
  {
    name: "a set that was given out does not change what is remembered",
    run: async (ledger) => {
      const given = new Set([hash(1)]);
      await ledger.addRevokedKeys(DOMAIN, given);
      given.delete(hash(1));
      deepStrictEqual(await ledger.revokedKeys(DOMAIN), new Set([hash(1)]));
    },
  },
  {
    name: "bundles of an authority only become newer, whatever its key id",
    run: async (ledger) => {
      for (const kid of ["authority", "__proto__", "constructor", "", 'a"b\\c']) {
        strictEqual(await ledger.advanceBundle(kid, 2_000), true);
        strictEqual(await ledger.advanceBundle(kid, 2_000), true);
        strictEqual(await ledger.advanceBundle(kid, 1_999), false);
        strictEqual(await ledger.advanceBundle(kid, 2_001), true);
        strictEqual(await ledger.advanceBundle(kid, 2_000), false);
      }
    },
  },
];

const DOUBLE: readonly {
  readonly name: string;
  readonly run: (ledger: TrustLedger, other: TrustLedger) => Promise<void>;
}[] = [
  {
    name: "what one remembers the other knows",
    run: async (ledger, other) => {
      deepStrictEqual(await other.revokedKeys(DOMAIN), new Set());
      await ledger.addRevokedKeys(DOMAIN, new Set([hash(1)]));
      deepStrictEqual(await other.revokedKeys(DOMAIN), new Set([hash(1)]));
      await other.advanceBundle("authority", 5);
      strictEqual(await ledger.advanceBundle("authority", 4), false);
    },
  },
  {
    name: "nothing is lost when both write at once, and the newest bundle stands",
    run: async (ledger, other) => {
      await Promise.all(
        Array.from({ length: WRITERS }, async (_, index) => {
          const one = index % 2 === 0 ? ledger : other;
          await one.addRevokedKeys(DOMAIN, new Set([hash(index)]));
          await one.advanceBundle("authority", index);
        }),
      );
      strictEqual((await ledger.revokedKeys(DOMAIN)).size, WRITERS);
      strictEqual(await other.advanceBundle("authority", WRITERS - 2), false);
    },
  },
];
