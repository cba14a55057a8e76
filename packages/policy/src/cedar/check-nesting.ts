/** Deepest accepted nesting of brackets, and most `if` in one policy, each of which may nest. */
const MAX_NESTING = 64;

// Strings and comments are stepped over as a whole; a string that does not end is Cedar's to refuse.
const PIECE = /"(?:[^"\\]|\\[^])*"|\/\/[^\n]*|[([{]|[)\]}]|;|\bif\b/g;

/**
 * Whether a text of Cedar policies is nested no deeper than its parser can take: some hundred levels break the
 * WebAssembly instance for every later call.
 */
export function checkNesting(text: string): boolean {
  let depth = 0;
  let conditionals = 0;
  for (const [piece] of text.matchAll(PIECE)) {
    if (piece === "if") conditionals += 1;
    else if (piece === ";") conditionals = 0;
    else if (piece.length === 1) depth += "([{".includes(piece) ? 1 : -1;
    if (depth > MAX_NESTING || conditionals > MAX_NESTING) return false;
  }
  return true;
}
