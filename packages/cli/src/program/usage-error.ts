/** The command was used in a way that cannot work: exit code 2. The message says what to do instead. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
