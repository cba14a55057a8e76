export { type Challenge, createChallenge, isSafeNonce } from "./challenge.ts";
export {
  type ChallengeResponse,
  type Responder,
  type ResponseCase,
  respondToChallenge,
  verifyChallengeResponse,
} from "./challenge-response.ts";
export {
  type JwsResponder,
  type JwsResponseCase,
  type MutualExchange,
  type MutualRole,
  RESPONSE_TYPE,
  respondWithJws,
  verifyJwsResponse,
} from "./jws-response.ts";
