export {
  type MastraCommandOptions,
  type MastraCommandResult,
  type MastraSandbox,
  workspaceSandbox,
} from "./workspace-sandbox.ts";
