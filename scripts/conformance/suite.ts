/** Runs one case of a vector file; a throw is a failure. The name should lead a reader to the case. */
export type Check = (name: string, run: () => void | Promise<void>) => void;

/** Declares the checks of one vector file. `data` is the parsed JSON, not yet validated. */
export type VectorFile = (data: any, check: Check) => void | Promise<void>;

/**
 * The vector files one package understands, keyed by `<area>/<file>.json`.
 * Each is found in the package's `test/vectors/`, or below the folder given with `--vectors`.
 */
export type ConformanceSuite = Readonly<Record<string, VectorFile>>;
