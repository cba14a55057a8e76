/** Largest accepted policy file, in bytes of UTF-8. */
export const MAX_SOURCE_BYTES: number = 256 * 1024;
/** Deepest accepted nesting of brackets, unary operators, lambdas and `if` in one expression. */
export const MAX_NESTING = 64;
/** Most operators that may hang on one another in one expression: bounds the recursion of every tree walk. */
export const MAX_HEIGHT = 1000;
/** Most expression nodes in one file. */
export const MAX_NODES = 20_000;
/** Most rules in one file. */
export const MAX_RULES = 4096;
/** Longest string literal, in UTF-16 code units of its source. */
export const MAX_STRING_LENGTH: number = 64 * 1024;
/** Most diagnostics in one error. */
export const MAX_DIAGNOSTICS = 20;
