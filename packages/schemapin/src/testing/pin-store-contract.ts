import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { sha256Hex } from "@symbiont/keys";
import { type ManagedPinStore, type Pin, type PinId, readPins, type StoredPin } from "../pin-store.ts";

/** One promise of the contract. `run` rejects when it is not kept. */
export interface ContractCase {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/**
 * Everything a {@link ManagedPinStore} promises, for any test runner:
 * `for (const { name, run } of pinStoreContract(open)) test(name, run)`.
 * @param open gives a new, empty store each time.
 * @param reopen gives a second store over the same data, as another process would have it; without it, what needs two
 * is left out.
 */
export function pinStoreContract(
  open: () => Promise<ManagedPinStore>,
  reopen?: (store: ManagedPinStore) => Promise<ManagedPinStore>,
): readonly ContractCase[] {
  const cases = SINGLE.map(({ name, run }) => ({ name, run: async () => run(await open()) }));
  if (reopen === undefined) return cases;
  const two = async (run: (store: ManagedPinStore, other: ManagedPinStore) => Promise<void>) => {
    const store = await open();
    await run(store, await reopen(store));
  };
  return cases.concat(DOUBLE.map(({ name, run }) => ({ name, run: async () => two(run) })));
}

const DEFINITION = '{"name":"ünïcode 🔑 \\u0000 \\\\ \' \\" % $1"}';

const FULL: Pin = {
  fingerprint: `sha256:${"a".repeat(64)}`,
  digest: `sha256:${sha256Hex(DEFINITION)}`,
  definition: DEFINITION,
  firstSeen: 1_700_000_000_123,
  lastSeen: 1_700_000_100_000,
  trust: "verified",
  approvedBy: "ops\u0000@example.com",
  issuedAt: 1_690_000_000_000,
  previous: [
    { fingerprint: `sha256:${"b".repeat(64)}`, retiredAt: 1 },
    { digest: `sha256:${"c".repeat(64)}`, retiredAt: 2 },
  ],
};
const SMALL: Pin = { digest: `sha256:${"d".repeat(64)}`, firstSeen: 0, trust: "tofu" };

const idOf = (subject: string, domain = "x.example", kind: PinId["kind"] = "tool"): PinId => ({
  kind,
  domain,
  subject,
});

const SINGLE: readonly {
  readonly name: string;
  readonly run: (store: ManagedPinStore) => Promise<void>;
}[] = [
  {
    name: "an empty store knows nothing",
    run: async (store) => {
      for (const subject of ["t", "__proto__", "constructor", "toString", ""]) {
        strictEqual(await store.get(idOf(subject)), undefined);
      }
      deepStrictEqual(await store.list(), []);
      await store.put([]);
      await store.remove([]);
      await store.remove([idOf("t")]);
      deepStrictEqual(await readPins(store, []), []);
    },
  },
  {
    name: "a pin comes back as it was put, whatever it and its name hold",
    run: async (store) => {
      const subjects = ["t", "__proto__", "constructor", "a b'\"\\%s$1{}*", "ünïcode 🔑", "nul\u0000", ""];
      const pins = subjects.map((subject, index) => ({ id: idOf(subject), pin: index === 0 ? FULL : SMALL }));
      await store.put(pins);
      for (const { id, pin } of pins) deepStrictEqual({ ...(await store.get(id)) }, pin);
      deepStrictEqual(sorted(await store.list()), sorted(pins));
    },
  },
  {
    name: "a name that is not well-formed is refused",
    run: async (store) => {
      await rejects(async () => store.get(idOf("\ud800")), TypeError);
      await rejects(async () => store.put([{ id: idOf("t", "\udfff"), pin: SMALL }]), TypeError);
    },
  },
  {
    name: "names that look alike are different, domains that differ in letter case are not",
    run: async (store) => {
      await store.put([{ id: idOf("a", "b@c.example"), pin: SMALL }]);
      for (const other of [
        idOf("a@b", "c.example"),
        idOf("A", "b@c.example"),
        idOf("a", "b@c.example", "skill"),
      ]) {
        strictEqual(await store.get(other), undefined);
      }
      deepStrictEqual({ ...(await store.get(idOf("a", "B@C.Example"))) }, SMALL);
    },
  },
  {
    name: "many are read in the order asked for",
    run: async (store) => {
      await store.put([
        { id: idOf("a"), pin: FULL },
        { id: idOf("b"), pin: SMALL },
      ]);
      const [b, none, a, again] = await readPins(store, [idOf("b"), idOf("c"), idOf("a"), idOf("b")]);
      deepStrictEqual([{ ...b }, none, { ...a }, { ...again }], [SMALL, undefined, FULL, SMALL]);
    },
  },
  {
    name: "a put replaces, and of two for one name the last counts",
    run: async (store) => {
      await store.put([{ id: idOf("a"), pin: FULL }]);
      await store.put([
        { id: idOf("a"), pin: FULL },
        { id: idOf("a"), pin: SMALL },
      ]);
      deepStrictEqual({ ...(await store.get(idOf("a"))) }, SMALL);
      strictEqual((await store.list()).length, 1);
    },
  },
  {
    name: "what was removed is gone, and nothing else",
    run: async (store) => {
      await store.put(["a", "b", "c"].map((subject) => ({ id: idOf(subject), pin: SMALL })));
      await store.remove([idOf("a"), idOf("c"), idOf("nobody")]);
      deepStrictEqual(
        (await store.list()).map(({ id }) => id),
        [idOf("b")],
      );
    },
  },
  {
    name: "a thousand pins are no trouble",
    run: async (store) => {
      const pins = Array.from({ length: 1_000 }, (_, index) => ({ id: idOf(`t-${index}`), pin: FULL }));
      await store.put(pins);
      deepStrictEqual(sorted(await store.list()), sorted(pins));
      await store.remove(pins.map(({ id }) => id));
      deepStrictEqual(await store.list(), []);
    },
  },
];

const DOUBLE: readonly {
  readonly name: string;
  readonly run: (store: ManagedPinStore, other: ManagedPinStore) => Promise<void>;
}[] = [
  {
    name: "what one writes or removes the other sees at once",
    run: async (store, other) => {
      await store.put([{ id: idOf("a"), pin: SMALL }]);
      deepStrictEqual({ ...(await other.get(idOf("a"))) }, SMALL);
      await other.put([{ id: idOf("a"), pin: FULL }]);
      deepStrictEqual({ ...(await store.get(idOf("a"))) }, FULL);
      await other.remove([idOf("a")]);
      strictEqual(await store.get(idOf("a")), undefined);
    },
  },
  {
    name: "nothing is lost when both write at once",
    run: async (store, other) => {
      const writes = Array.from({ length: 20 }, async (_, index) =>
        (index % 2 === 0 ? store : other).put([
          { id: idOf(`own-${index}`), pin: SMALL },
          { id: idOf(`shared-${index % 3}`), pin: FULL },
          { id: idOf(`shared-${(index + 1) % 3}`), pin: FULL },
        ]),
      );
      await Promise.all(writes);
      strictEqual((await store.list()).length, 23);
    },
  },
];

function sorted(pins: readonly StoredPin[]): readonly StoredPin[] {
  return pins
    .map(({ id, pin }) => ({ id: { ...id }, pin: { ...pin } }))
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

function nameOf({ id }: StoredPin): string {
  return JSON.stringify(id);
}
