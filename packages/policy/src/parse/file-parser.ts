import type { Container, PolicyBlock, Rule, RuleAction } from "./ast.ts";
import { expectName, expectToken, unexpected } from "./expect-token.ts";
import { Fault } from "./fault.ts";
import { Lexer } from "./lexer.ts";
import { MAX_DIAGNOSTICS, MAX_RULES } from "./limits.ts";
import { ExpressionParser } from "./parse-expression.ts";

const ACTIONS: ReadonlySet<string> = new Set(["allow", "deny", "require", "audit"]);
const CLOSING: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/**
 * Reads a whole file: strictly inside policy blocks, and elsewhere just enough of the other declarations to
 * know for certain where blocks stand. One mistake anywhere spoils the file; the parser goes on only to report
 * more of them.
 */
export class FileParser {
  readonly #lexer: Lexer;
  readonly #expressions: ExpressionParser;
  readonly #policies: PolicyBlock[] = [];
  readonly #faults: Fault[] = [];
  #rules = 0;

  constructor(text: string) {
    this.#lexer = new Lexer(text);
    this.#expressions = new ExpressionParser(this.#lexer);
  }

  /** The blocks, unless `faults` is not empty. */
  parse(): { readonly policies: readonly PolicyBlock[]; readonly faults: readonly Fault[] } {
    try {
      this.#lexer.next();
      while (!this.#lexer.is("end")) this.#item();
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      this.#faults.push(error);
    }
    return { policies: this.#policies, faults: this.#faults };
  }

  #item(): void {
    const lexer = this.#lexer;
    const word = lexer.is("name") ? lexer.value : "";
    switch (word) {
      case "policy":
        return this.#policy({ kind: "top" });
      case "agent":
        lexer.next();
        return this.#agent();
      case "channel":
        lexer.next();
        return this.#channel();
      case "function":
        return this.#function();
      case "metadata":
        lexer.next();
        return this.#skipBrackets("{");
      case "schedule":
      case "memory":
      case "webhook":
        lexer.next();
        expectName(this.#lexer);
        return this.#skipBrackets("{");
      case "type":
        lexer.next();
        expectName(this.#lexer);
        expectToken(this.#lexer, "=");
        if (lexer.is("name")) return lexer.next();
        return this.#skipBrackets("{");
      default:
        throw unexpected(this.#lexer, "a declaration such as policy or agent");
    }
  }

  #agent(): void {
    const lexer = this.#lexer;
    const container: Container = { kind: "agent", name: expectName(this.#lexer) };
    this.#signature();
    expectToken(this.#lexer, "{");
    while (!lexer.is("}")) {
      if (lexer.isName("policy")) this.#policy(container);
      else if (lexer.isName("function")) this.#function();
      else if (lexer.isName("capabilities")) {
        lexer.next();
        this.#assign();
        this.#skipBrackets("[");
      } else if (lexer.isName("with")) this.#with();
      else throw unexpected(this.#lexer, "policy, capabilities, function, with or }");
    }
    lexer.next();
  }

  #with(): void {
    const lexer = this.#lexer;
    lexer.next();
    while (lexer.is("name")) {
      lexer.next();
      expectToken(this.#lexer, "=");
      this.#skipValue();
    }
    this.#skipBrackets("{");
  }

  #channel(): void {
    const lexer = this.#lexer;
    const container: Container = { kind: "channel", name: expectName(this.#lexer) };
    expectToken(this.#lexer, "{");
    while (!lexer.is("}")) {
      if (lexer.isName("policy")) this.#policy(container);
      else if (lexer.isName("data_classification")) {
        lexer.next();
        this.#skipBrackets("{");
      } else {
        expectName(this.#lexer);
        this.#assign();
        this.#skipValue();
      }
    }
    lexer.next();
  }

  #function(): void {
    this.#lexer.next();
    expectName(this.#lexer);
    this.#signature();
    this.#skipBrackets("{");
  }

  /** `(a: T, b: U) -> V`, each part optional. */
  #signature(): void {
    const lexer = this.#lexer;
    if (lexer.is("(")) this.#skipBrackets("(");
    if (!lexer.is("-")) return;
    lexer.next();
    if (!lexer.is(">")) throw unexpected(this.#lexer, "->");
    lexer.next();
    this.#skipType();
  }

  #skipType(): void {
    const lexer = this.#lexer;
    expectName(this.#lexer);
    if (!lexer.is("<")) return;
    let open = 0;
    do {
      if (lexer.is("<")) open += 1;
      else if (lexer.is(">")) open -= 1;
      else if (!lexer.is("name") && !lexer.is(",")) throw unexpected(this.#lexer, ">");
      lexer.next();
    } while (open > 0);
  }

  #assign(): void {
    const lexer = this.#lexer;
    if (!lexer.is("=") && !lexer.is(":")) throw unexpected(this.#lexer, ":");
    lexer.next();
  }

  /** One literal, name or array, and a comma if there is one. */
  #skipValue(): void {
    const lexer = this.#lexer;
    switch (lexer.kind) {
      case "[":
        this.#skipBrackets("[");
        break;
      case "string":
      case "number":
      case "duration":
      case "name":
        lexer.next();
        break;
      default:
        throw unexpected(this.#lexer, "a value");
    }
    if (lexer.is(",")) lexer.next();
  }

  /** Skips from an opening bracket to the one that closes it; every bracket between must close in order. */
  #skipBrackets(open: "{" | "[" | "("): void {
    const lexer = this.#lexer;
    if (lexer.kind !== open) throw unexpected(this.#lexer, open);
    const expected: string[] = [];
    do {
      const closing = CLOSING[lexer.kind];
      if (closing !== undefined) expected.push(closing);
      else if (lexer.is(")") || lexer.is("]") || lexer.is("}")) {
        if (expected.pop() !== lexer.kind) throw unexpected(this.#lexer, "the bracket that was opened last");
      } else if (lexer.is("end")) throw unexpected(this.#lexer, expected.at(-1) ?? "}");
      else if (lexer.isName("policy")) {
        this.#refuseBlockHere();
        continue;
      }
      lexer.next();
    } while (expected.length > 0);
  }

  /** A block where the language has none would be silently ignored, so it is refused. */
  #refuseBlockHere(): void {
    const lexer = this.#lexer;
    const at = lexer.at;
    lexer.next();
    if (!lexer.is("name")) return;
    const nameAt = lexer.at;
    lexer.next();
    if (lexer.is("{")) throw new Fault(at, "a policy block cannot stand here");
    lexer.rewind(nameAt);
  }

  #policy(container: Container): void {
    const lexer = this.#lexer;
    const at = lexer.at;
    lexer.next();
    const name = expectName(this.#lexer);
    const depth = lexer.depth;
    expectToken(this.#lexer, "{");
    const rules: Rule[] = [];
    for (;;) {
      try {
        while (!lexer.is("}")) rules.push(this.#rule());
        lexer.next();
        break;
      } catch (error) {
        this.#record(error);
        this.#resume(depth);
      }
    }
    this.#policies.push({ at, name, container, rules });
  }

  #rule(): Rule {
    const lexer = this.#lexer;
    const { at, value } = lexer;
    if (!lexer.is("name") || !ACTIONS.has(value)) {
      throw unexpected(this.#lexer, "allow, deny, require, audit or }");
    }
    this.#rules += 1;
    if (this.#rules > MAX_RULES)
      throw new Fault(at, `file has more than ${MAX_RULES} rules`, { limit: true });
    lexer.next();
    expectToken(this.#lexer, ":");
    const target = this.#expressions.parse();
    const rule = { at, action: value as RuleAction, target };
    if (!lexer.isName("if")) return rule;
    lexer.next();
    return { ...rule, guard: this.#expressions.parse() };
  }

  /** Notes a mistake behind which more may be found; throws one that ends the parse. */
  #record(error: unknown): void {
    const isLast = this.#lexer.is("end") || this.#faults.length + 1 >= MAX_DIAGNOSTICS;
    if (!(error instanceof Fault) || error.limit || isLast) throw error;
    this.#faults.push(error);
  }

  /** Goes to the next rule of the block whose rules stand at this depth, or to the end of the block. */
  #resume(depth: number): void {
    const lexer = this.#lexer;
    for (;;) {
      try {
        for (;;) {
          if (lexer.is("end") || (lexer.is("}") && lexer.depth < depth)) return;
          const at = lexer.at;
          const mayStartRule = lexer.is("name") && ACTIONS.has(lexer.value) && lexer.depth <= depth;
          lexer.next();
          if (mayStartRule && lexer.is(":")) return lexer.rewind(at);
        }
      } catch (error) {
        this.#record(error);
      }
    }
  }
}
