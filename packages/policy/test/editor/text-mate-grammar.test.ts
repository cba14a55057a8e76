import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { beforeAll, describe, expect, test } from "vitest";
import onigurumaPackage from "vscode-oniguruma";
import textmate from "vscode-textmate";

const path = new URL("../../editor/symbi.tmLanguage.json", import.meta.url);
let grammar: textmate.IGrammar;

beforeAll(async () => {
  const wasm = createRequire(import.meta.url).resolve("vscode-oniguruma/release/onig.wasm");
  await onigurumaPackage.loadWASM(readFileSync(wasm));
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (sources) => new onigurumaPackage.OnigScanner(sources),
      createOnigString: (text) => new onigurumaPackage.OnigString(text),
    }),
    loadGrammar: async () => textmate.parseRawGrammar(readFileSync(path, "utf8"), "symbi.tmLanguage.json"),
  });
  grammar = (await registry.loadGrammar("source.symbi")) as textmate.IGrammar;
});

/** Each piece of a text with its innermost scope. */
function scopes(text: string): [string, string][] {
  let state = textmate.INITIAL;
  return text.split("\n").flatMap((line) => {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
    state = ruleStack;
    return tokens
      .map(({ startIndex, endIndex, scopes: stack }): [string, string] => [
        line.slice(startIndex, endIndex).trim(),
        stack.at(-1) ?? "",
      ])
      .filter(([piece]) => piece !== "");
  });
}

describe("the TextMate grammar", () => {
  test("names the parts of a rule", () => {
    const found = new Map(
      scopes(
        'policy p { deny: read(file) if not file.size > 1_000 && file.age < 30d # old\n audit: { level: "x" } }',
      ),
    );
    expect(Object.fromEntries(found)).toMatchObject({
      policy: "storage.type.policy.symbi",
      p: "entity.name.type.policy.symbi",
      deny: "keyword.control.rule.symbi",
      read: "entity.name.function.symbi",
      if: "keyword.control.conditional.symbi",
      not: "keyword.operator.logical.symbi",
      size: "variable.other.member.symbi",
      ">": "keyword.operator.comparison.symbi",
      "1_000": "constant.numeric.symbi",
      "&&": "keyword.operator.logical.symbi",
      "30d": "constant.numeric.duration.symbi",
      "# old": "comment.line.number-sign.symbi",
      audit: "keyword.control.rule.symbi",
      level: "variable.other.key.symbi",
      x: "string.quoted.double.symbi",
    });
  });

  test("words of the language are names behind a point", () => {
    expect(scopes("policy p { allow: a if x.not }").find(([piece]) => piece === "not")?.[1]).toBe(
      "variable.other.member.symbi",
    );
  });

  test("every published block ends where its last brace closes, so that the file around it is not coloured as one", () => {
    const { blocks } = JSON.parse(
      readFileSync(new URL("../vectors/policy/symbi-policy-blocks.json", import.meta.url), "utf8"),
    );
    const sound = blocks.filter((block: any) => block.expect.accept);
    expect(sound.length).toBeGreaterThan(40);
    for (const { source } of sound) {
      expect(scopes(`${source}\nafter`).at(-1)).toEqual(["after", "variable.other.symbi"]);
    }
  });
});
