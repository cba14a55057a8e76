// The package has no declarations of its own; test/oracle.ts says what is used of it.
declare module "agentpin";
