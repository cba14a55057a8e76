import { LAMBDA_BUILT_INS, VALUE_BUILT_INS } from "../evaluate/built-ins.ts";
import { Failure } from "../evaluate/failure.ts";
import type { Evaluate } from "../evaluate/frame.ts";
import { charge } from "../evaluate/frame.ts";
import { admit, isList } from "../evaluate/value.ts";
import type { Argument, Expression } from "../parse/ast.ts";
import type { Bindings, PolicyFunction } from "./bindings.ts";

type Compile = (expression: Expression, bindings: Bindings) => Evaluate;

const NOT_LIST = new Failure("the operation works on a list only");
const THREW = new Failure("the host function threw an error");

/** Compiles `name(a, b)` and `a.name(b)`, which mean the same. */
export function compileCall(
  { callee, arguments: written }: Expression & { kind: "call" },
  bindings: Bindings,
  compile: Compile,
): Evaluate {
  const name = callee.kind === "identifier" || callee.kind === "member" ? callee.name : undefined;
  if (name === undefined) return fail("only a name can be called");
  if (written.some((argument) => argument.name !== undefined))
    return fail(`${name} takes no named arguments`);
  const subject: Argument[] = callee.kind === "member" ? [{ at: callee.at, value: callee.object }] : [];
  const values = [...subject, ...written].map((argument) => argument.value);
  if (name === "exists" && values.length === 1)
    return compilePresence(values[0] as Expression, bindings, compile);
  if (LAMBDA_BUILT_INS.has(name)) return compileLambdaCall(name, values, bindings, compile);
  return compileValueCall(name, values, bindings, compile);
}

function compilePresence(path: Expression, bindings: Bindings, compile: Compile): Evaluate {
  const evaluate = compile(path, bindings);
  return (frame) => {
    const value = evaluate(frame);
    if (!(value instanceof Failure)) return true;
    return value.missing ? false : value;
  };
}

function compileLambdaCall(
  name: string,
  values: readonly Expression[],
  bindings: Bindings,
  compile: Compile,
): Evaluate {
  const builtIn = LAMBDA_BUILT_INS.get(name);
  const [list, lambda] = values;
  if (builtIn === undefined || list === undefined || lambda?.kind !== "lambda" || values.length !== 2) {
    return fail(`${name} takes a list and a lambda`);
  }
  const { level } = bindings;
  const locals = new Map(bindings.locals).set(lambda.parameter, level);
  const items = compile(list, bindings);
  const body = compile(lambda.body, { ...bindings, locals, level: level + 1 });
  return (frame) => {
    const spent = charge(frame, 1);
    if (spent !== undefined) return spent;
    const value = items(frame);
    if (value instanceof Failure) return value;
    if (!isList(value)) return NOT_LIST;
    return builtIn(frame, value, (item) => {
      frame.locals[level] = item;
      return body(frame);
    });
  };
}

function compileValueCall(
  name: string,
  values: readonly Expression[],
  bindings: Bindings,
  compile: Compile,
): Evaluate {
  const builtIn = VALUE_BUILT_INS.get(name);
  const hosted = bindings.extensions.functions.get(name);
  const arity = builtIn?.arity ?? hosted?.arity;
  if (arity === undefined) return fail(`the function ${name} is not known`);
  if (arity !== values.length) return fail(`${name} takes ${arity} arguments, got ${values.length}`);
  const parts = values.map((value) => compile(value, bindings));
  return (frame) => {
    const spent = charge(frame, 1);
    if (spent !== undefined) return spent;
    const given: unknown[] = [];
    for (const part of parts) {
      const value = part(frame);
      if (value instanceof Failure) return value;
      given.push(value);
    }
    if (builtIn !== undefined) return builtIn.call(frame, given[0], given[1]);
    return hosted === undefined ? THREW : callHost(hosted, given);
  };
}

function callHost(hosted: PolicyFunction, given: readonly unknown[]): unknown {
  try {
    return admit(hosted.call(...(given as never[])));
  } catch {
    return THREW;
  }
}

function fail(reason: string): Evaluate {
  const failure = new Failure(reason);
  return () => failure;
}
