export { adviseOnInjection, type InjectionAdvice } from "./advise-on-injection.ts";
export { checkIdentifier, type IdentifierCheck } from "./check-identifier.ts";
export { cleanMarkup, type MarkupResult } from "./clean-markup.ts";
export { cleanText } from "./clean-text.ts";
export type { HygieneResult, RemovedCharacter } from "./hygiene-result.ts";
export { createSymbiontStripper, type SymbiontStripper } from "./symbiont-stripper.ts";
