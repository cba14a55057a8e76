import { lengthOf, listContains } from "../evaluate/built-ins.ts";
import { Duration, readDuration } from "../evaluate/duration.ts";
import { Failure } from "../evaluate/failure.ts";
import type { Evaluate, Frame } from "../evaluate/frame.ts";
import { equals, isList, memberReader, readElement, readMember, readSubject } from "../evaluate/value.ts";
import type { BinaryOperator, Expression, Field } from "../parse/ast.ts";
import type { Bindings } from "./bindings.ts";
import { compileCall } from "./compile-call.ts";
import { compileOrdering } from "./compile-ordering.ts";

const NOT_BOOLEAN = new Failure("the operand is not a boolean");
const NOT_NUMBERS = new Failure("the operands are not two numbers or two durations");
const NOT_FINITE = new Failure("the result is not a finite number");
const BAD_INDEX = new Failure("the index is neither a position in a list nor a member name");

/** Compiles an expression to a closure. */
export function compileExpression(expression: Expression, bindings: Bindings): Evaluate {
  switch (expression.kind) {
    case "string":
    case "boolean":
      return constant(expression.value);
    case "number":
      return constant(readNumber(expression.raw));
    case "duration":
      return constant(readDuration(expression.raw));
    case "identifier":
      return compileName(expression.name, bindings);
    case "member":
      return compileMember(compileExpression(expression.object, bindings), expression.name);
    case "call":
      return compileCall(expression, bindings, compileExpression);
    case "index":
      return compileIndex(
        compileExpression(expression.object, bindings),
        compileExpression(expression.index, bindings),
      );
    case "array":
      return compileArray(expression.items.map((item) => compileExpression(item, bindings)));
    case "record":
      return compileRecord(expression.fields, bindings);
    case "if":
      return compileIf(expression, bindings);
    case "not":
      return compileNot(compileExpression(expression.operand, bindings));
    case "negate":
      return compileNegate(compileExpression(expression.operand, bindings));
    case "binary":
      return compileBinary(expression, bindings);
    case "vault":
      return constant(new Failure("a vault reference has no value in a rule"));
    case "type":
      return constant(new Failure("a type literal has no value"));
    case "lambda":
      return constant(new Failure("a lambda can only be an argument of map, any, all or exists"));
    default:
      return constant(new Failure("the expression is unknown"));
  }
}

/** Reads a number literal that the lexer accepted. */
export function readNumber(raw: string): number | Failure {
  const value = Number(raw.replaceAll("_", ""));
  return Number.isFinite(value) ? value : NOT_FINITE;
}

function constant(value: unknown): Evaluate {
  return () => value;
}

function compileName(name: string, bindings: Bindings): Evaluate {
  const unknown = new Failure(`the name ${name} is not known`, true);
  const level = bindings.locals.get(name);
  if (level !== undefined) return (frame) => frame.locals[level];
  const read = memberReader(name);
  const fromScope: Evaluate = (frame) => {
    const value = read(frame.scope);
    return value instanceof Failure && value.missing ? unknown : value;
  };
  const subject = bindings.subjects.get(name);
  if (subject === undefined) return fromScope;
  return (frame) => {
    const value = readSubject(frame, subject);
    return value instanceof Failure && value.missing ? fromScope(frame) : value;
  };
}

function compileMember(object: Evaluate, name: string): Evaluate {
  const missing = new Failure(`the member ${name} is missing`, true);
  const read = memberReader(name);
  return (frame) => {
    const value = object(frame);
    if (value instanceof Failure) return value;
    if (name === "length" && (typeof value === "string" || isList(value))) return lengthOf(value);
    const member = read(value);
    return member instanceof Failure && member.missing ? missing : member;
  };
}

function compileIndex(object: Evaluate, index: Evaluate): Evaluate {
  return (frame) => {
    const value = object(frame);
    if (value instanceof Failure) return value;
    const key = index(frame);
    if (key instanceof Failure) return key;
    if (isList(value))
      return typeof key === "number" && Number.isSafeInteger(key) ? readElement(value, key) : BAD_INDEX;
    return typeof key === "string" ? readMember(value, key) : BAD_INDEX;
  };
}

function compileArray(items: readonly Evaluate[]): Evaluate {
  return (frame) => {
    const values: unknown[] = [];
    for (const item of items) {
      const value = item(frame);
      if (value instanceof Failure) return value;
      values.push(value);
    }
    return values;
  };
}

function compileRecord(fields: readonly Field[], bindings: Bindings): Evaluate {
  const members = fields.map(({ key, value }) => ({ key, evaluate: compileExpression(value, bindings) }));
  return (frame) => {
    const record = new Map<string, unknown>();
    for (const { key, evaluate } of members) {
      const value = evaluate(frame);
      if (value instanceof Failure) return value;
      record.set(key, value);
    }
    return record;
  };
}

function compileIf(expression: Expression & { kind: "if" }, bindings: Bindings): Evaluate {
  const empty = constant(new Failure("the block that was chosen is empty"));
  const condition = compileExpression(expression.condition, bindings);
  const consequent =
    expression.consequent === undefined ? empty : compileExpression(expression.consequent, bindings);
  const alternative =
    expression.alternative === undefined ? empty : compileExpression(expression.alternative, bindings);
  return (frame) => {
    const value = condition(frame);
    if (typeof value !== "boolean") return value instanceof Failure ? value : NOT_BOOLEAN;
    return value ? consequent(frame) : alternative(frame);
  };
}

function compileNot(operand: Evaluate): Evaluate {
  return (frame) => {
    const value = operand(frame);
    if (typeof value === "boolean") return !value;
    return value instanceof Failure ? value : NOT_BOOLEAN;
  };
}

function compileNegate(operand: Evaluate): Evaluate {
  return (frame) => {
    const value = operand(frame);
    if (typeof value === "number") return -value;
    if (value instanceof Duration) return new Duration(-value.milliseconds);
    return value instanceof Failure ? value : NOT_NUMBERS;
  };
}

function compileBinary(expression: Expression & { kind: "binary" }, bindings: Bindings): Evaluate {
  const { operator, left, right } = expression;
  switch (operator) {
    case "||":
    case "&&":
      return compileLogic(chain(expression, operator, bindings), operator === "||");
    case "==":
    case "!=":
      return compileEquality(
        compileExpression(left, bindings),
        compileExpression(right, bindings),
        operator === "==",
      );
    case "in":
      return both(left, right, bindings, (value, list, frame) => listContains(frame, list, value));
    case "<":
    case ">":
    case "<=":
    case ">=":
      return compileOrdering(operator, left, right, bindings, compileExpression);
    default:
      return both(left, right, bindings, (a, b) => calculate(operator, a, b));
  }
}

/** The operands of `a || b || c`, in order. */
function chain(expression: Expression, operator: BinaryOperator, bindings: Bindings): Evaluate[] {
  const operands: Evaluate[] = [];
  let rest = expression;
  while (rest.kind === "binary" && rest.operator === operator) {
    operands.push(compileExpression(rest.right, bindings));
    rest = rest.left;
  }
  operands.push(compileExpression(rest, bindings));
  return operands.toReversed();
}

/** Kleene's strong logic: the deciding value wins over failures on either side. */
function compileLogic(operands: readonly Evaluate[], deciding: boolean): Evaluate {
  return (frame) => {
    let failure: Failure | undefined;
    for (const operand of operands) {
      const value = operand(frame);
      if (value === deciding) return deciding;
      if (value !== !deciding) failure ??= value instanceof Failure ? value : NOT_BOOLEAN;
    }
    return failure ?? !deciding;
  };
}

function compileEquality(left: Evaluate, right: Evaluate, wanted: boolean): Evaluate {
  return (frame) => {
    const a = left(frame);
    if (a instanceof Failure) return a;
    const b = right(frame);
    if (b instanceof Failure) return b;
    const same = equals(a, b, frame);
    return same instanceof Failure ? same : same === wanted;
  };
}

function both(
  left: Expression,
  right: Expression,
  bindings: Bindings,
  combine: (a: unknown, b: unknown, frame: Frame) => unknown,
): Evaluate {
  const first = compileExpression(left, bindings);
  const second = compileExpression(right, bindings);
  return (frame) => {
    const a = first(frame);
    if (a instanceof Failure) return a;
    const b = second(frame);
    return b instanceof Failure ? b : combine(a, b, frame);
  };
}

function calculate(operator: "+" | "-" | "*" | "/" | "%", a: unknown, b: unknown): unknown {
  if (typeof a === "number" && typeof b === "number") {
    const result = arithmetic(operator, a, b);
    return Number.isFinite(result) ? result : NOT_FINITE;
  }
  if (a instanceof Duration && b instanceof Duration && (operator === "+" || operator === "-")) {
    const result = arithmetic(operator, a.milliseconds, b.milliseconds);
    return Number.isFinite(result) ? new Duration(result) : NOT_FINITE;
  }
  return NOT_NUMBERS;
}

function arithmetic(operator: "+" | "-" | "*" | "/" | "%", a: number, b: number): number {
  switch (operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return a / b;
    case "%":
      return a % b;
    default:
      return Number.NaN;
  }
}
