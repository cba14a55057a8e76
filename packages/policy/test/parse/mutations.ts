import { compilePolicies, PolicyError, parsePolicies } from "@symbiont/policy";
import fc from "fast-check";
import { ruleText } from "../arbitraries.ts";

const fragment = fc.oneof(
  fc.constantFrom(..."(){}[],:.=!<>+-*/%|&\"'\\#;$@?`~^ \n\r\t0123456789abxyz_é\u200b\u202e\ud800".split("")),
  fc.constantFrom(
    "if",
    "else",
    "not",
    "in",
    "allow:",
    "deny:",
    "}",
    "policy",
    "vault://a",
    "30d",
    "=>",
    "//",
    "/*",
    "true",
  ),
);

/** A rule with up to four pieces of it replaced, doubled, or cut out. */
export const mutatedRule: fc.Arbitrary<string> = fc
  .tuple(
    ruleText,
    fc.array(fc.tuple(fc.nat(), fc.nat(6), fc.oneof(fragment, fc.constant(""))), { maxLength: 4 }),
  )
  .map(([rule, edits]) =>
    edits.reduce((text, [where, length, piece]) => {
      const at = where % (text.length + 1);
      return text.slice(0, at) + piece + text.slice(at + length);
    }, rule),
  );

/** Parses, compiles and evaluates; false when the text is refused. Lets any other error through. */
export function parseOrRefuse(source: string): boolean {
  try {
    compilePolicies([parsePolicies(source)]).evaluate({ op: "read", subjects: [{ id: "x" }] });
    return true;
  } catch (error) {
    if (!PolicyError.is(error) || error.diagnostics.length === 0) throw error;
    return false;
  }
}
