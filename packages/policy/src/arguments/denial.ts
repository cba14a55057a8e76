/** Why arguments were refused: the decision code. */
export type ArgumentsCode =
  | "args.not_json"
  | "args.not_object"
  | "args.duplicate_key"
  | "args.reserved_key"
  | "args.unsafe_integer"
  | "args.ill_formed_string"
  | "args.too_deep"
  | "args.too_large"
  | "args.unknown_tool"
  | "args.no_schema"
  | "args.bad_schema"
  | "args.unknown_property"
  | "args.schema";

/** The arguments are refused. */
export interface ArgumentsDenial {
  readonly denied: true;
  readonly code: ArgumentsCode;
  /** One sentence that may be shown to the model. */
  readonly reason: string;
  /** JSON Pointer (RFC 6901) to the place in the arguments, or in the schema for `args.bad_schema`. */
  readonly path: string;
}

/** Carries a denial out of a walk. Never leaves the package. */
export class Refusal extends Error {
  readonly code: ArgumentsCode;
  readonly path: string;

  constructor(code: ArgumentsCode, reason: string, path = "") {
    super(reason);
    this.code = code;
    this.path = path;
  }

  toDenial(): ArgumentsDenial {
    return { denied: true, code: this.code, reason: this.message, path: this.path };
  }
}

/** Extends a JSON Pointer by one name. */
export function pointTo(path: string, name: string | number): string {
  if (typeof name === "number" || !/[~/]/.test(name)) return `${path}/${name}`;
  return `${path}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}
