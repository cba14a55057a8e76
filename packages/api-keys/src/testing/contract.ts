/** One promise of a contract. `run` rejects when it is not kept. */
export interface ContractCase {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** What a contract says about one thing, and about two that share their data. */
export interface Contract<Store> {
  readonly single: readonly { readonly name: string; readonly run: (store: Store) => Promise<void> }[];
  readonly double: readonly {
    readonly name: string;
    readonly run: (store: Store, other: Store) => Promise<void>;
  }[];
}

/** Makes a contract's cases; without `reopen` those that need two are left out. */
export function contractCases<Store>(
  { single, double }: Contract<Store>,
  open: () => Promise<Store>,
  reopen: ((store: Store) => Promise<Store>) | undefined,
): readonly ContractCase[] {
  const cases: ContractCase[] = single.map(({ name, run }) => ({ name, run: async () => run(await open()) }));
  if (reopen === undefined) return cases;
  return cases.concat(
    double.map(({ name, run }) => ({
      name,
      run: async () => {
        const store = await open();
        await run(store, await reopen(store));
      },
    })),
  );
}
