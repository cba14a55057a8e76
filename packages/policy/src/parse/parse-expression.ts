import type { Argument, BinaryOperator, Expression, Field } from "./ast.ts";
import { expectName, expectToken, unexpected } from "./expect-token.ts";
import { Fault } from "./fault.ts";
import type { Lexer } from "./lexer.ts";
import { MAX_HEIGHT, MAX_NESTING, MAX_NODES } from "./limits.ts";

/** Binding strength of each binary operator; all are left-associative. */
const LEVELS: ReadonlyMap<string, number> = new Map([
  ["||", 1],
  ["&&", 2],
  ["==", 3],
  ["!=", 3],
  ["in", 3],
  ["<", 4],
  [">", 4],
  ["<=", 4],
  [">=", 4],
  ["+", 5],
  ["-", 5],
  ["*", 6],
  ["/", 6],
  ["%", 6],
]);

/** Words that cannot name an argument, a parameter or a type, because an expression may start with them. */
const KEYWORDS: ReadonlySet<string> = new Set(["not", "true", "false", "if"]);

/** Reads expressions by recursive descent. One parser counts the nodes of a whole file. */
export class ExpressionParser {
  readonly #lexer: Lexer;
  #nodes = 0;
  #nesting = 0;
  /** Height of the tree that was read last. */
  #height = 0;
  /** False inside the condition of an if-expression, where `name {` starts the block. */
  #typeLiterals = true;

  constructor(lexer: Lexer) {
    this.#lexer = lexer;
  }

  /** @throws Fault */
  parse(): Expression {
    this.#nesting = 0;
    this.#typeLiterals = true;
    return this.#binary(1);
  }

  #binary(weakest: number): Expression {
    const lexer = this.#lexer;
    let left = this.#unary();
    let height = this.#height;
    for (;;) {
      const level = lexer.is("string") ? undefined : LEVELS.get(lexer.value);
      if (level === undefined || level < weakest) break;
      const operator = lexer.value as BinaryOperator;
      lexer.next();
      const right = this.#binary(level + 1);
      height = this.#grow(Math.max(height, this.#height));
      left = this.#node({ kind: "binary", at: left.at, operator, left, right });
    }
    this.#height = height;
    return left;
  }

  #unary(): Expression {
    const lexer = this.#lexer;
    const kind = lexer.is("!") || lexer.isName("not") ? "not" : lexer.is("-") ? "negate" : undefined;
    if (kind === undefined) return this.#postfix();
    const at = lexer.at;
    this.#enter();
    lexer.next();
    const operand = this.#unary();
    this.#leave();
    return this.#node({ kind, at, operand });
  }

  #postfix(): Expression {
    const lexer = this.#lexer;
    let object = this.#primary();
    for (;;) {
      const at = object.at;
      const height = this.#height;
      if (lexer.is(".")) {
        lexer.next();
        object = this.#node({ kind: "member", at, object, name: expectName(this.#lexer) });
      } else if (lexer.is("(")) {
        const values = this.#list(")", () => this.#argument());
        object = this.#node({ kind: "call", at, callee: object, arguments: values });
      } else if (lexer.is("[")) {
        const [index] = this.#bracketed(() => [this.#binary(1)], "]");
        object = this.#node({ kind: "index", at, object, index });
      } else return object;
      this.#height = this.#grow(Math.max(height, this.#height));
    }
  }

  #primary(): Expression {
    const lexer = this.#lexer;
    const { at, kind, value } = lexer;
    this.#height = 1;
    switch (kind) {
      case "name":
        return this.#named(at, value);
      case "string":
        lexer.next();
        return this.#node({ kind, at, value });
      case "number":
      case "duration":
        lexer.next();
        return this.#node({ kind, at, raw: value });
      case "vault":
        lexer.next();
        return this.#node({ kind, at, url: value });
      case "(": {
        const [inner] = this.#bracketed(() => [this.#binary(1)], ")");
        return inner;
      }
      case "[":
        return this.#node({ kind: "array", at, items: this.#list("]", () => this.#binary(1)) });
      case "{":
        return this.#node({ kind: "record", at, fields: this.#fields() });
      default:
        throw unexpected(this.#lexer, "an expression");
    }
  }

  #named(at: number, name: string): Expression {
    const lexer = this.#lexer;
    if (name === "if") return this.#if(at);
    lexer.next();
    if (name === "true" || name === "false") {
      return this.#node({ kind: "boolean", at, value: name === "true" });
    }
    if (lexer.is("=>")) {
      this.#enter();
      lexer.next();
      const body = this.#binary(1);
      this.#leave();
      return this.#node({ kind: "lambda", at, parameter: name, body });
    }
    if (lexer.is("{") && this.#typeLiterals) {
      return this.#node({ kind: "type", at, name, fields: this.#fields() });
    }
    return this.#node({ kind: "identifier", at, name });
  }

  #if(at: number): Expression {
    const lexer = this.#lexer;
    this.#enter();
    lexer.next();
    const outer = this.#typeLiterals;
    this.#typeLiterals = false;
    const condition = this.#binary(1);
    this.#typeLiterals = outer;
    let height = this.#height;
    const consequent = this.#block();
    height = Math.max(height, this.#height);
    if (!lexer.isName("else")) throw unexpected(this.#lexer, "else");
    lexer.next();
    this.#height = 1;
    const alternative = lexer.isName("if") ? this.#if(lexer.at) : this.#block();
    this.#height = this.#grow(Math.max(height, this.#height));
    this.#leave();
    return this.#node({
      kind: "if",
      at,
      condition,
      ...(consequent === undefined ? {} : { consequent }),
      ...(alternative === undefined ? {} : { alternative }),
    });
  }

  #block(): Expression | undefined {
    if (!this.#lexer.is("{")) throw unexpected(this.#lexer, "{");
    this.#height = 1;
    const [body] = this.#bracketed(() => (this.#lexer.is("}") ? [] : [this.#binary(1)]), "}");
    return body;
  }

  #argument(): Argument {
    const lexer = this.#lexer;
    const { at, value: name } = lexer;
    if (lexer.is("name") && !KEYWORDS.has(name)) {
      lexer.next();
      if (lexer.is("=") || lexer.is(":")) {
        lexer.next();
        return { at, name, value: this.#binary(1) };
      }
      lexer.rewind(at);
    }
    return { at, value: this.#binary(1) };
  }

  /** Reads `( a, b, )` with the given closing bracket, from the opening one on. */
  #list<T>(close: ")" | "]", item: () => T): T[] {
    return this.#bracketed(() => {
      const items: T[] = [];
      let height = 1;
      while (!this.#lexer.is(close)) {
        items.push(item());
        height = Math.max(height, this.#height);
        if (!this.#lexer.is(",")) break;
        this.#lexer.next();
      }
      this.#height = this.#grow(height);
      return items;
    }, close);
  }

  #fields(): Field[] {
    const lexer = this.#lexer;
    return this.#bracketed(() => {
      const fields: Field[] = [];
      let height = 1;
      while (lexer.is("name") || lexer.is("string")) {
        const { at, value: key } = lexer;
        lexer.next();
        expectToken(this.#lexer, ":");
        fields.push({ at, key, value: this.#binary(1) });
        height = Math.max(height, this.#height);
        if (lexer.is(",")) lexer.next();
      }
      this.#height = this.#grow(height);
      return fields;
    }, "}");
  }

  /** Steps over an opening bracket, reads what is inside, and expects the closing one. */
  #bracketed<T>(inside: () => T, close: ")" | "]" | "}"): T {
    this.#enter();
    this.#lexer.next();
    const outer = this.#typeLiterals;
    this.#typeLiterals = true;
    const result = inside();
    this.#typeLiterals = outer;
    expectToken(this.#lexer, close);
    this.#leave();
    return result;
  }

  #enter(): void {
    this.#nesting += 1;
    if (this.#nesting > MAX_NESTING) throw this.#limit(`nesting is deeper than ${MAX_NESTING}`);
  }

  #leave(): void {
    this.#nesting -= 1;
  }

  #grow(height: number): number {
    if (height >= MAX_HEIGHT)
      throw this.#limit(`expression hangs more than ${MAX_HEIGHT} operators together`);
    return height + 1;
  }

  #node(node: Expression): Expression {
    this.#nodes += 1;
    if (this.#nodes > MAX_NODES) throw this.#limit(`file has more than ${MAX_NODES} expression nodes`);
    return node;
  }

  #limit(message: string): Fault {
    return new Fault(this.#lexer.at, message, { limit: true });
  }
}
