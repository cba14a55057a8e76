export {
  type BearerVerifierOptions,
  bearerVerifier,
  type McpAuthInfo,
  type McpTokenVerifier,
  principalOf,
} from "./bearer-verifier.ts";
