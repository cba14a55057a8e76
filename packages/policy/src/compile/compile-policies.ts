import { sha256Hex } from "@symbiont/keys/sha256";
import { canonicalJson, compareCodePoints } from "@symbiont/kit";
import { CompiledPolicySet, type PolicySet } from "../decide/policy-set.ts";
import { type PolicyDiagnostic, PolicyError } from "../error.ts";
import {
  type AssuranceComparator,
  type AssuranceProvider,
  type Assurances,
  COMPARATORS,
} from "../evaluate/assurance.ts";
import { LAMBDA_BUILT_INS, VALUE_BUILT_INS } from "../evaluate/built-ins.ts";
import type { PolicyFile } from "../parse/ast.ts";
import { MAX_DIAGNOSTICS } from "../parse/limits.ts";
import type { Extensions, PolicyFunction } from "./bindings.ts";
import { checkMeaning } from "./check-meaning.ts";
import { compileAuditRule, compileOperationRule, compileRequireRule } from "./compile-rule.ts";
import type { AuditRule, CompiledRule, OperationRule, RequireRule } from "./compiled-rule.ts";
import type { Problem } from "./problem.ts";
import { nameRules } from "./rule-id.ts";

/** Options of {@link compilePolicies}. */
export interface CompilePoliciesOptions {
  /** Functions that rules may call besides the built-in ones. Default none. */
  readonly functions?: Readonly<Record<string, PolicyFunction>>;
  /**
   * Order of texts, lowest first, by the path where they are found: `{ "user.clearance": ["public", "secret"] }`
   * gives `user.clearance >= "secret"` a meaning. Also used for assurances, by key. Default none.
   */
  readonly orderedEnums?: Readonly<Record<string, readonly string[]>>;
  /** Who affirms what `require` rules ask for, where the request does not. Default none. */
  readonly assurances?: readonly AssuranceProvider[];
  /** How affirmed values are compared, by key, besides the keys that published policies use. Default exact. */
  readonly comparators?: Readonly<Record<string, AssuranceComparator>>;
}

/**
 * Compiles parsed files to one immutable policy set. The order of the files is the order in which their rules
 * are reported; it never changes an effect.
 *
 * @throws PolicyError `POLICY_INVALID` when a rule can have no meaning: a target that names no operation, a key
 * twice in one record, a member of a number.
 * @throws RangeError when two files have one name, or an option redefines a built-in function.
 */
export function compilePolicies(
  files: readonly PolicyFile[],
  options: CompilePoliciesOptions = {},
): PolicySet {
  checkFileNames(files);
  const extensions = readExtensions(options);
  const assurances = readAssurances(options, extensions);
  const operations: OperationRule[] = [];
  const requires: RequireRule[] = [];
  const audits: AuditRule[] = [];
  const diagnostics: PolicyDiagnostic[] = [];
  for (const [ordinal, { id, file, lines, block, rule }] of nameRules(files).entries()) {
    const problems: Problem[] = [];
    const { action } = rule;
    const head: CompiledRule = {
      id,
      ordinal,
      action,
      container: block.container,
      file: file.file,
      ...lines.locate(rule.at),
    };
    checkMeaning(rule.target, problems);
    if (rule.guard !== undefined) checkMeaning(rule.guard, problems);
    if (action === "require") requires.push(compileRequireRule(head, rule, extensions, assurances, problems));
    else if (action === "audit") audits.push(compileAuditRule(head, rule, extensions));
    else operations.push(compileOperationRule(head, rule, extensions, problems));
    for (const { at, ...problem } of problems) {
      diagnostics.push({ file: file.file, ...lines.locate(at), ...problem });
    }
  }
  if (diagnostics.length > 0) throw new PolicyError("POLICY_INVALID", diagnostics.slice(0, MAX_DIAGNOSTICS));
  return new CompiledPolicySet({ operations, requires, audits }, digestOf(files));
}

function digestOf(files: readonly PolicyFile[]): string {
  const sorted = files.toSorted((a, b) => compareCodePoints(a.file, b.file));
  return `sha256:${sha256Hex(canonicalJson(sorted.map(({ file, source }) => [file, source])))}`;
}

function checkFileNames(files: readonly PolicyFile[]): void {
  const names = new Set<string>();
  for (const { file } of files) {
    if (names.has(file)) throw new RangeError(`files must have different names, got ${file} twice`);
    names.add(file);
  }
}

function readExtensions(options: CompilePoliciesOptions): Extensions {
  const functions = new Map<string, PolicyFunction>();
  for (const [name, { arity, call }] of Object.entries(options.functions ?? {})) {
    if (VALUE_BUILT_INS.has(name) || LAMBDA_BUILT_INS.has(name) || name === "approval") {
      throw new RangeError(`functions must not redefine ${name}`);
    }
    if (!Number.isSafeInteger(arity) || arity < 0 || typeof call !== "function") {
      throw new TypeError(`functions.${name} must have an arity from 0 and a function call`);
    }
    functions.set(name, { arity, call });
  }
  const orderedEnums = new Map<string, readonly string[]>();
  for (const [path, members] of Object.entries(options.orderedEnums ?? {})) {
    if (new Set(members).size !== members.length)
      throw new RangeError(`orderedEnums.${path} holds a member twice`);
    orderedEnums.set(path, [...members]);
  }
  return { functions, orderedEnums };
}

function readAssurances(options: CompilePoliciesOptions, { orderedEnums }: Extensions): Assurances {
  const providers = new Map<string, AssuranceProvider>();
  for (const provider of options.assurances ?? []) {
    for (const key of provider.keys) {
      if (providers.has(key)) throw new RangeError(`assurances has two providers for ${key}`);
      providers.set(key, provider);
    }
  }
  const comparators = new Map([...COMPARATORS, ...Object.entries(options.comparators ?? {})]);
  for (const [key, comparator] of comparators) {
    if (comparator !== "exact" && comparator !== "at_least" && comparator !== "at_most") {
      throw new RangeError(`comparators.${key} must be exact, at_least or at_most`);
    }
  }
  return { comparators, providers, orderedEnums };
}
