/** A refusal at one place of the text, on its way to becoming a diagnostic. Never leaves the package. */
export class Fault extends Error {
  readonly at: number;
  readonly hint: string | undefined;
  /** Whether a limit was passed, so that reading on would be wrong. */
  readonly limit: boolean;

  constructor(
    at: number,
    message: string,
    options: { readonly hint?: string; readonly limit?: boolean } = {},
  ) {
    super(message);
    this.at = at;
    this.hint = options.hint;
    this.limit = options.limit ?? false;
  }
}
