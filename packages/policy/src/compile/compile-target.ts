import { readDuration } from "../evaluate/duration.ts";
import { Failure } from "../evaluate/failure.ts";
import type { Evaluate } from "../evaluate/frame.ts";
import { equals, isMap, isPlainObject, readMember, readSubject } from "../evaluate/value.ts";
import type { Argument, Expression } from "../parse/ast.ts";
import { readNumber } from "./compile-expression.ts";
import type { Problem } from "./problem.ts";

/** One way for an operation to be meant by a rule. */
export interface TargetArm {
  /** Operation name; undefined for every operation. */
  readonly operation: string | undefined;
  /** Subject position of each parameter. */
  readonly subjects: ReadonlyMap<string, number>;
  /** True, false or a failure: whether the subjects are those that are named. Absent when none are. */
  readonly match?: Evaluate;
}

const NO_SUBJECTS: ReadonlyMap<string, number> = new Map();
/** Why a literal in a target cannot be compared: the request has fewer subjects. */
export const NO_SUBJECT: Failure = new Failure("the request names no subject at this position", true);
const NOT_A_TARGET = new Failure("an index expression names no operation");

/**
 * Compiles the target of an allow or deny rule. Text, a name, a call, or a list of these; only the exact text
 * `"*"` means every operation.
 */
export function compileTarget(target: Expression, problems: Problem[]): readonly TargetArm[] {
  switch (target.kind) {
    case "array":
      return target.items.flatMap((item) => {
        if (item.kind !== "array" && item.kind !== "index") return compileTarget(item, problems);
        return refuse(problems, item, "a list of operations holds names, texts and calls only");
      });
    case "string":
      return [{ operation: target.value === "*" ? undefined : target.value, subjects: NO_SUBJECTS }];
    case "identifier":
      return [{ operation: target.name, subjects: NO_SUBJECTS }];
    case "call":
      return compileCallTarget(target, problems);
    case "index":
      // Two lists on two lines read as an index. The grammar accepts it, so it must fail closed here: it never
      // allows anything and denies everything.
      return [{ operation: undefined, subjects: NO_SUBJECTS, match: () => NOT_A_TARGET }];
    default:
      return refuse(problems, target, "the target of allow and deny is an operation or a list of operations");
  }
}

function compileCallTarget(target: Expression & { kind: "call" }, problems: Problem[]): readonly TargetArm[] {
  if (target.callee.kind !== "identifier") {
    return refuse(problems, target, "the operation of a target is a plain name");
  }
  const subjects = new Map<string, number>();
  const tests: Evaluate[] = [];
  for (const [position, argument] of target.arguments.entries()) {
    const test = compileParameter(argument, position, subjects, problems);
    if (test !== undefined) tests.push(test);
  }
  const arm = { operation: target.callee.name, subjects };
  return [tests.length === 0 ? arm : { ...arm, match: matchAll(tests) }];
}

function compileParameter(
  { at, name, value }: Argument,
  position: number,
  subjects: Map<string, number>,
  problems: Problem[],
): Evaluate | undefined {
  if (name !== undefined) {
    problems.push({ at, message: "a target takes no named arguments" });
    return undefined;
  }
  switch (value.kind) {
    case "identifier":
      if (value.name === "any") return undefined;
      if (subjects.has(value.name))
        problems.push({ at, message: `the parameter ${value.name} stands twice` });
      subjects.set(value.name, position);
      return undefined;
    case "string":
    case "boolean":
      return compileLiteral(value.value, position);
    case "number":
      return compileLiteral(readNumber(value.raw), position);
    case "duration":
      return compileLiteral(readDuration(value.raw), position);
    default: {
      const hint = "bind a name and compare it in the condition: read(file) if file.path == …";
      problems.push({ at, message: "a target takes names, literals and any", hint });
      return undefined;
    }
  }
}

function compileLiteral(literal: unknown, position: number): Evaluate {
  return (frame) => {
    const subject = readSubject(frame, position);
    if (subject instanceof Failure) return subject.missing ? NO_SUBJECT : subject;
    const same = equals(subject, literal, frame);
    if (same !== false || !(isMap(subject) || isPlainObject(subject))) return same;
    const id = readMember(subject, "id");
    if (id instanceof Failure) return id.missing ? false : id;
    return equals(id, literal, frame);
  };
}

function matchAll(tests: readonly Evaluate[]): Evaluate {
  return (frame) => {
    let failure: Failure | undefined;
    for (const test of tests) {
      const result = test(frame);
      if (result === false) return false;
      if (result instanceof Failure) failure ??= result;
    }
    return failure ?? true;
  };
}

function refuse(problems: Problem[], { at }: Expression, message: string): readonly TargetArm[] {
  problems.push({ at, message });
  return [];
}
