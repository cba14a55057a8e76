import { type Assurances, isAffirmed } from "../evaluate/assurance.ts";
import type { Frame } from "../evaluate/frame.ts";
import type { Expression } from "../parse/ast.ts";
import type { Bindings } from "./bindings.ts";
import { compileExpression } from "./compile-expression.ts";
import type { Problem } from "./problem.ts";

/** What a requirement still wants: an assurance that nothing gives, or a person's approval. */
export type Want =
  | { readonly kind: "unmet"; readonly key?: string }
  | { readonly kind: "approval"; readonly role: string };

/** Says what is wanted, or undefined when the requirement is met. */
export type CheckRequirement = (
  frame: Frame,
  given: { readonly assurances: unknown; readonly approvals: readonly unknown[] },
) => Want | undefined;

const UNMET: Want = { kind: "unmet" };

/**
 * Compiles the target of a require rule: a record of assurances, one name of an assurance that must be true,
 * `approval("role")`, or expressions that must all be true.
 */
export function compileRequirement(
  target: Expression,
  bindings: Bindings,
  assurances: Assurances,
  problems: Problem[],
): CheckRequirement {
  switch (target.kind) {
    case "record":
      return checkAll(
        target.fields.map(({ key, value }) => {
          const required = compileExpression(value, bindings);
          return checkAssurance(key, (frame) => required(frame), assurances);
        }),
      );
    case "identifier":
      return checkAssurance(target.name, () => true, assurances);
    case "array":
      return checkAll(target.items.map((item) => compileCondition(item, bindings, problems)));
    case "type":
      problems.push({ at: target.at, message: "a type literal cannot be required" });
      return () => UNMET;
    default:
      return compileCondition(target, bindings, problems);
  }
}

function compileCondition(target: Expression, bindings: Bindings, problems: Problem[]): CheckRequirement {
  if (target.kind === "call" && target.callee.kind === "identifier" && target.callee.name === "approval") {
    return compileApproval(target, problems);
  }
  const condition = compileExpression(target, bindings);
  return (frame) => (condition(frame) === true ? undefined : UNMET);
}

function compileApproval(target: Expression & { kind: "call" }, problems: Problem[]): CheckRequirement {
  const [argument] = target.arguments;
  const role = argument?.value;
  if (role?.kind !== "string" || argument?.name !== undefined || target.arguments.length !== 1) {
    problems.push({ at: target.at, message: "approval takes one role", hint: 'write approval("role")' });
    return () => UNMET;
  }
  const want: Want = { kind: "approval", role: role.value };
  return (_, { approvals }) => (approvals.includes(role.value) ? undefined : want);
}

function checkAssurance(
  key: string,
  required: (frame: Frame) => unknown,
  assurances: Assurances,
): CheckRequirement {
  const want: Want = { kind: "unmet", key };
  return (frame, given) =>
    isAffirmed(assurances, key, required(frame), given.assurances, frame) ? undefined : want;
}

/** The first part that is not met; an approval is asked for only when nothing else is wanted. */
function checkAll(parts: readonly CheckRequirement[]): CheckRequirement {
  return (frame, given) => {
    let approval: Want | undefined;
    for (const part of parts) {
      const want = part(frame, given);
      if (want?.kind === "unmet") return want;
      approval ??= want;
    }
    return approval;
  };
}
