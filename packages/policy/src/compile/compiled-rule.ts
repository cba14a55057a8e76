import type { AuditObligation } from "../decide/decision.ts";
import type { Failure } from "../evaluate/failure.ts";
import type { Frame } from "../evaluate/frame.ts";
import type { Container, RuleAction } from "../parse/ast.ts";
import type { CheckRequirement } from "./compile-requirement.ts";

/** True: the rule applies. False: it does not. A failure: nobody can tell. */
export type Test = (frame: Frame) => boolean | Failure;

/** What every compiled rule has. */
export interface CompiledRule {
  readonly id: string;
  /** Position among all rules of the set. */
  readonly ordinal: number;
  readonly action: RuleAction;
  readonly container: Container;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** An allow or deny rule. */
export interface OperationRule extends CompiledRule {
  /** Test by operation name; undefined is the test for operations that are not named. */
  readonly tests: ReadonlyMap<string | undefined, Test>;
}

/** A require rule: it applies to every operation, unless its condition is false. */
export interface RequireRule extends CompiledRule {
  readonly guard: Test;
  readonly check: CheckRequirement;
}

/** An audit rule: it applies to every operation, unless its condition is false. */
export interface AuditRule extends CompiledRule {
  readonly guard: Test;
  readonly oblige: (frame: Frame) => AuditObligation;
}

/** All rules of a set, each list in the order of the files and their text. */
export interface CompiledRules {
  readonly operations: readonly OperationRule[];
  readonly requires: readonly RequireRule[];
  readonly audits: readonly AuditRule[];
}
