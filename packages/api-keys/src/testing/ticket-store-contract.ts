import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { Ticket, TicketStore } from "../ticket-store.ts";
import { type Contract, type ContractCase, contractCases } from "./contract.ts";

const TICKET: Ticket = { keyId: 'odd "id" \\ \u{1f511}', version: 7, origin: "https://app.example" };

/**
 * Everything a {@link TicketStore} promises, for any test runner:
 * `for (const { name, run } of ticketStoreContract(open)) test(name, run)`.
 * @param open gives a new, empty store each time.
 * @param reopen gives a second store over the same data, as another process would have it; without it, what
 * needs two is left out.
 */
export function ticketStoreContract(
  open: () => Promise<TicketStore>,
  reopen?: (store: TicketStore) => Promise<TicketStore>,
): readonly ContractCase[] {
  return contractCases({ single: SINGLE, double: DOUBLE }, open, reopen);
}

const SINGLE: Contract<TicketStore>["single"] = [
  {
    name: "a ticket comes back as it was put, once",
    run: async (store) => {
      await store.put("one", TICKET, 60_000);
      await store.put("two", { ...TICKET, origin: null }, 60_000);
      deepStrictEqual(await store.take("one"), TICKET);
      strictEqual(await store.take("one"), undefined);
      deepStrictEqual(await store.take("two"), { ...TICKET, origin: null });
    },
  },
  {
    name: "nobody's ticket is none",
    run: async (store) => {
      for (const id of ["nobody", "__proto__", "constructor"]) strictEqual(await store.take(id), undefined);
    },
  },
  {
    name: "a ticket whose time is over is none",
    run: async (store) => {
      await store.put("short", TICKET, 1);
      await new Promise((resolve) => setTimeout(resolve, 20));
      strictEqual(await store.take("short"), undefined);
    },
  },
];

const DOUBLE: Contract<TicketStore>["double"] = [
  {
    name: "of all who take a ticket, in two processes, exactly one gets it",
    run: async (store, other) => {
      await store.put("shared", TICKET, 60_000);
      const takers = Array.from({ length: 16 }, (_, index) => (index % 2 === 0 ? store : other));
      const taken = await Promise.all(takers.map((taker) => taker.take("shared")));
      deepStrictEqual(
        taken.filter((ticket) => ticket !== undefined),
        [TICKET],
      );
    },
  },
];
