export { createArgumentChecker } from "./argument-checker.ts";
export { type ArgumentsResult, checkArguments } from "./check-arguments.ts";
export type { ArgumentsCode, ArgumentsDenial } from "./denial.ts";
export { type PreparedSchema, prepareSchema } from "./prepare-schema.ts";
export type { StandardIssue, StandardResult, StandardSchema } from "./standard-schema.ts";
