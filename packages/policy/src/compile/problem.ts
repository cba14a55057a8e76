/** Something that parses but can have no meaning, found while compiling. */
export interface Problem {
  readonly at: number;
  readonly message: string;
  readonly hint?: string;
}
