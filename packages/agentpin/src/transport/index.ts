export { AUTHORIZATION_SCHEME, authorizationOf, credentialFromAuthorization } from "./authorization.ts";
export {
  credentialFromMcp,
  MCP_CREDENTIAL_KEY,
  type McpAgentPinCapability,
  mcpCapability,
  withMcpCredential,
} from "./mcp.ts";
export { credentialFromWebSocketFrame, GRPC_METADATA_KEY, webSocketFrame } from "./web-socket.ts";
