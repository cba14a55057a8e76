import {
  type Decision,
  type DecisionPoint,
  type DecisionRequest,
  encodeUtf8,
  type JsonObject,
  type JsonValue,
} from "@symbiont/kit";
import { toOpaInput } from "./opa-input.ts";
import { opaRefusal, readOpaResult } from "./read-opa-result.ts";

/** A compiled policy, ready to be asked: `LoadedPolicy` of `@open-policy-agent/opa-wasm`. */
export interface OpaWasmPolicy {
  /** @param input JSON text in UTF-8. */
  evaluate(input: ArrayBuffer, entrypoint?: string | number): unknown;
  setData(data: object): void;
}

/** Makes a policy of its WebAssembly. */
export type LoadOpaWasm = (wasm: Uint8Array<ArrayBuffer>) => Promise<OpaWasmPolicy>;

/** Options of {@link OpaWasmEngine}. */
export interface OpaWasmOptions {
  /** What `opa build -t wasm -e symbiont/main/allow` makes: `policy.wasm` in the bundle. */
  readonly wasm: Uint8Array;
  /** Default `"symbiont/main/allow"`. */
  readonly entrypoint?: string;
  /** The `data` document. Default none. */
  readonly data?: JsonObject;
  /** Default: `loadPolicy` of `@open-policy-agent/opa-wasm`, which must be installed. */
  readonly load?: LoadOpaWasm;
}

/**
 * A Rego policy compiled to WebAssembly behind the port that gates ask. Answers at once. Whatever goes wrong denies;
 * after an error the next decision is made by a new instance, because an instance that failed half-way cannot be
 * trusted.
 */
export class OpaWasmEngine implements DecisionPoint {
  readonly #options: OpaWasmOptions;
  #policy: OpaWasmPolicy | undefined;
  #error: unknown;

  private constructor(options: OpaWasmOptions) {
    this.#options = options;
  }

  /** Loads the policy. Never rejects: look at `error`. */
  static async open(options: OpaWasmOptions): Promise<OpaWasmEngine> {
    const engine = new OpaWasmEngine(options);
    await engine.#load();
    return engine;
  }

  /** Why the policy cannot be asked; undefined when it can. */
  get error(): unknown {
    return this.#error;
  }

  decide(request: DecisionRequest): Decision {
    const policy = this.#policy;
    if (policy === undefined) return opaRefusal("engine.unavailable");
    let input: ArrayBuffer;
    try {
      input = new Uint8Array(encodeUtf8(toOpaInput(request))).buffer;
    } catch {
      return opaRefusal("engine.request");
    }
    try {
      return readResultSet(policy.evaluate(input, this.#options.entrypoint ?? "symbiont/main/allow"));
    } catch (error) {
      this.#policy = undefined;
      this.#error = error;
      void this.#load();
      return opaRefusal("engine.unavailable");
    }
  }

  async #load(): Promise<void> {
    const { wasm, data, load = loadOpaWasm } = this.#options;
    try {
      const policy = await load(new Uint8Array(wasm));
      if (data !== undefined) policy.setData(data);
      this.#policy = policy;
      this.#error = undefined;
    } catch (error) {
      this.#error = error;
    }
  }
}

function readResultSet(set: unknown): Decision {
  if (!Array.isArray(set) || set.length > 1) return opaRefusal("engine.protocol");
  const [first] = set as readonly { readonly result?: JsonValue }[];
  return readOpaResult(first?.result);
}

async function loadOpaWasm(wasm: Uint8Array<ArrayBuffer>): Promise<OpaWasmPolicy> {
  const { loadPolicy } = (await import("@open-policy-agent/opa-wasm")) as unknown as {
    loadPolicy: LoadOpaWasm;
  };
  return loadPolicy(wasm);
}
