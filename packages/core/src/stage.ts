import type { AdmittedTool, Decision, JsonObject, JsonValue, Principal } from "@symbiont/kit";
import type { Denial } from "./denial.ts";
import { GateError } from "./gate-error.ts";

// The brand exists in the type system only, and is not exported: no code outside this file can write an object
// literal that the compiler accepts as a stage, and the ledger refuses one that was cast into shape.
declare const stage: unique symbol;

/** Facts for the policy, as plain data. */
export type CallContext = Readonly<Record<string, unknown>>;

/** A tool call as an agent wants it. Nothing in it is trusted yet. */
export interface ToolCall {
  /** The host's id for the call; appears in the audit record. */
  readonly id: string;
  /** The operator's id for the server or toolbox that offers the tool. */
  readonly server: string;
  readonly tool: string;
  /** The arguments as the model wrote them (preferred), or an object that a host has already parsed. */
  readonly arguments: string | JsonObject;
  /** Credential of the caller, when the gate authenticates each call. */
  readonly credential?: string;
  /** Default none. */
  readonly context?: CallContext;
  /** Aborts the call at whatever stage it is. */
  readonly signal?: AbortSignal;
}

/** A tool call as a host hands it in: its facts may be asked for when the call enters the gate. */
export interface ToolCallRequest extends Omit<ToolCall, "context"> {
  /** Default none. Facts that cannot be read, because the callback throws or they hold a cycle, deny the call. */
  readonly context?: CallContext | (() => CallContext);
}

/** A call that has entered the gate. */
export interface Proposed {
  readonly [stage]: "proposed";
  readonly call: ToolCall;
  /** Why the call could not be read whole; the first stage refuses it with this. */
  readonly refusal?: Denial;
}

/** A call whose caller is known. */
export interface Identified {
  readonly [stage]: "identified";
  readonly call: ToolCall;
  readonly principal: Principal;
}

/** A call within its limits. */
export interface Admitted {
  readonly [stage]: "admitted";
  readonly call: ToolCall;
  readonly principal: Principal;
}

/** A call of a verified tool, with arguments that fit its schema. From here on only `arguments` is used. */
export interface Verified {
  readonly [stage]: "verified";
  readonly call: ToolCall;
  readonly principal: Principal;
  readonly tool: AdmittedTool;
  /** Parsed once, deeply frozen: judged, hashed, shown, recorded and executed as this one object. */
  readonly arguments: JsonObject;
}

/** A call that policy allows and whose intent is on record. */
export interface Authorized {
  readonly [stage]: "authorized";
  readonly call: ToolCall;
  readonly principal: Principal;
  readonly tool: AdmittedTool;
  readonly arguments: JsonObject;
  readonly decision: Decision;
  /** Sequence of the intent in the audit journal. */
  readonly intent: number;
  /** What the audit record shows of the arguments. */
  readonly recorded: JsonValue;
}

/** A call that has run and whose outcome is on record. */
export type Settled<T> =
  | { readonly denied: false; readonly status: "returned"; readonly value: T; readonly outcome: number }
  | { readonly denied: false; readonly status: "threw"; readonly error: unknown; readonly outcome: number };

interface Stages {
  readonly proposed: Proposed;
  readonly identified: Identified;
  readonly admitted: Admitted;
  readonly verified: Verified;
  readonly authorized: Authorized;
}

/** Gives back what it is given, so that a subclass puts its private fields on that object. */
// oxlint-disable-next-line typescript/no-extraneous-class -- only a class can be extended
class Given {
  constructor(object: object) {
    return object;
  }
}

/**
 * A mark on an object that nobody but this file can make, copy or see: private fields, which a copy, a proxy and a
 * cast do not have, and which stay writable on a frozen object.
 */
class Mark extends Given {
  readonly #ledger: StageLedger;
  readonly #stage: keyof Stages;
  #isUsed = false;

  constructor(object: object, ledger: StageLedger, name: keyof Stages) {
    super(object);
    this.#ledger = ledger;
    this.#stage = name;
  }

  /** Uses the object up. @returns whether it was issued for this stage, and whether it was used before. */
  static use(object: object, ledger: StageLedger, name: keyof Stages): "ok" | "forged" | "reused" {
    if (!(#ledger in object) || object.#ledger !== ledger || object.#stage !== name) return "forged";
    if (object.#isUsed) return "reused";
    object.#isUsed = true;
    return "ok";
  }
}

/**
 * Marks the stage objects that one gate issues and lets each be used once. The types make skipping a stage a compile
 * error; this makes a cast, a copy, a replay and an object of another gate a run-time error.
 */
export class StageLedger {
  /** Takes the object over: marks and freezes it. */
  issue<Name extends keyof Stages>(name: Name, fields: Omit<Stages[Name], typeof stage>): Stages[Name] {
    return Object.freeze(new Mark(fields, this, name)) as unknown as Stages[Name];
  }

  /**
   * @throws GateError `GATE_STAGE_FORGED` when this gate did not issue the object for this stage,
   * `GATE_STAGE_REUSED` when it has been used before.
   */
  use(name: keyof Stages, object: object): void {
    const use = typeof object === "object" && object !== null ? Mark.use(object, this, name) : "forged";
    if (use === "forged") {
      throw new GateError("GATE_STAGE_FORGED", `this gate did not issue that object as ${name}`);
    }
    if (use === "reused") throw new GateError("GATE_STAGE_REUSED", `that ${name} call was used before`);
  }
}
