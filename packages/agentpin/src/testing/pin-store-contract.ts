import type { DomainPins, ManagedPinStore, PinnedKey } from "../pins/pin-store.ts";

/** One case of a contract: run it as a test of whatever framework; it throws when the promise is broken. */
export interface ContractCase {
  readonly name: string;
  readonly run: () => Promise<void>;
}

const DOMAIN = "contract.example";

/**
 * What every pin store must do.
 * @param open makes an empty store.
 * @param reopen opens what a store has stored once more, as another process would; the same store when it keeps nothing.
 */
export function pinStoreContract(
  open: () => ManagedPinStore | Promise<ManagedPinStore>,
  reopen: (store: ManagedPinStore) => ManagedPinStore | Promise<ManagedPinStore>,
): readonly ContractCase[] {
  const contract = (name: string, run: (store: ManagedPinStore) => Promise<void>): ContractCase => ({
    name,
    run: async () => run(await open()),
  });
  return [
    contract("knows nothing at first", async (store) => {
      must((await store.get(DOMAIN)) === undefined, "it has pins");
      must((await store.list()).length === 0, "it lists pins");
    }),
    contract("gives back what was stored, also to others", async (store) => {
      const pins = pinsOf(keyOf("a"), keyOf("b"));
      await store.update(DOMAIN, () => pins);
      for (const reader of [store, await reopen(store)]) {
        must(same(await reader.get(DOMAIN), pins), "pins came back changed");
        must(same((await reader.list())[0], pins), "the list differs");
      }
    }),
    contract("gives the same object while nothing changes, and another one afterwards", async (store) => {
      await store.update(DOMAIN, () => pinsOf(keyOf("a")));
      const first = await store.get(DOMAIN);
      must((await store.get(DOMAIN)) === first, "another object for the same pins");
      await store.update(DOMAIN, (current) => current);
      must((await store.get(DOMAIN)) === first, "another object after no change");
      await store.update(DOMAIN, () => pinsOf(keyOf("b")));
      must((await store.get(DOMAIN)) !== first, "the same object for other pins");
    }),
    contract("loses no change of several at once", async (store) => {
      const other = await reopen(store);
      const add = (target: ManagedPinStore, name: string): unknown =>
        target.update(DOMAIN, (current) => pinsOf(...(current?.keys ?? []), keyOf(name)));
      await Promise.all(
        ["a", "b", "c", "d", "e", "f"].map((name, at) => add(at % 2 === 0 ? store : other, name)),
      );
      const found = await (await reopen(store)).get(DOMAIN);
      must(found?.keys.length === 6, `${String(found?.keys.length)} of 6 changes are there`);
    }),
    contract("forgets pins that are taken away, and passes an error on without a change", async (store) => {
      const pins = pinsOf(keyOf("a"));
      await store.update(DOMAIN, () => pins);
      let thrown: unknown;
      const broken = new TypeError("no");
      try {
        await store.update(DOMAIN, () => {
          throw broken;
        });
      } catch (error) {
        thrown = error;
      }
      must(thrown !== undefined, "the error was swallowed");
      must(same(await store.get(DOMAIN), pins), "a failed change changed something");
      await store.update(DOMAIN, () => undefined);
      must((await store.get(DOMAIN)) === undefined, "the pins are still there");
    }),
    contract("keeps a domain without keys apart from one it does not know", async (store) => {
      await store.update(DOMAIN, () => pinsOf());
      must((await store.get(DOMAIN))?.keys.length === 0, "the empty list is gone");
    }),
  ];
}

function keyOf(letter: string): PinnedKey {
  return { kid: letter, thumbprint: letter.repeat(64), firstSeen: 1_000, lastSeen: 2_000, trust: "verified" };
}

function pinsOf(...keys: readonly PinnedKey[]): DomainPins {
  return Object.freeze({ domain: DOMAIN, keys: Object.freeze(keys) });
}

function same(a: DomainPins | undefined, b: DomainPins): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function must(isKept: boolean, what: string): void {
  if (!isKept) throw new Error(`contract broken: ${what}`);
}
