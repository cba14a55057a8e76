// The syntax tree of a policy file. Every node knows where it starts: `at`, an offset in UTF-16 code units
// of the source, which `locate` turns into a line and column.

/** A binary operator, loosest binding first; those of one line bind equally and to the left. */
export type BinaryOperator =
  | "||"
  | "&&"
  | "=="
  | "!="
  | "in"
  | "<"
  | ">"
  | "<="
  | ">="
  | "+"
  | "-"
  | "*"
  | "/"
  | "%";

/** One `key: value` of a record or type literal. */
export interface Field {
  readonly at: number;
  readonly key: string;
  readonly value: Expression;
}

/** One argument of a call; `name` is set when it was written `name = value` or `name: value`. */
export interface Argument {
  readonly at: number;
  readonly name?: string;
  readonly value: Expression;
}

/** An expression: a target, a requirement, an audit setting or a guard. */
export type Expression =
  | { readonly kind: "string"; readonly at: number; readonly value: string }
  | { readonly kind: "number"; readonly at: number; readonly raw: string }
  | { readonly kind: "duration"; readonly at: number; readonly raw: string }
  | { readonly kind: "boolean"; readonly at: number; readonly value: boolean }
  | { readonly kind: "identifier"; readonly at: number; readonly name: string }
  | { readonly kind: "vault"; readonly at: number; readonly url: string }
  | { readonly kind: "member"; readonly at: number; readonly object: Expression; readonly name: string }
  | {
      readonly kind: "call";
      readonly at: number;
      readonly callee: Expression;
      readonly arguments: readonly Argument[];
    }
  | { readonly kind: "index"; readonly at: number; readonly object: Expression; readonly index: Expression }
  | { readonly kind: "array"; readonly at: number; readonly items: readonly Expression[] }
  | { readonly kind: "record"; readonly at: number; readonly fields: readonly Field[] }
  | { readonly kind: "type"; readonly at: number; readonly name: string; readonly fields: readonly Field[] }
  | { readonly kind: "lambda"; readonly at: number; readonly parameter: string; readonly body: Expression }
  | {
      readonly kind: "if";
      readonly at: number;
      readonly condition: Expression;
      /** Absent for an empty block. */
      readonly consequent?: Expression;
      /** Absent for an empty block. */
      readonly alternative?: Expression;
    }
  | { readonly kind: "not" | "negate"; readonly at: number; readonly operand: Expression }
  | {
      readonly kind: "binary";
      readonly at: number;
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    };

/** What a rule does. */
export type RuleAction = "allow" | "deny" | "require" | "audit";

/** One rule of a policy block. */
export interface Rule {
  readonly at: number;
  readonly action: RuleAction;
  readonly target: Expression;
  /** The condition after `if`. */
  readonly guard?: Expression;
}

/** Where a block stands: at file level, or inside the agent or channel of that name. */
export type Container =
  | { readonly kind: "top" }
  | { readonly kind: "agent" | "channel"; readonly name: string };

/** One `policy name { … }` block. */
export interface PolicyBlock {
  readonly at: number;
  readonly name: string;
  readonly container: Container;
  readonly rules: readonly Rule[];
}

/** A parsed policy file. */
export interface PolicyFile {
  /** Name the file was parsed under. */
  readonly file: string;
  /** The text, without a byte order mark. */
  readonly source: string;
  readonly policies: readonly PolicyBlock[];
}
