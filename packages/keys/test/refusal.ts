import { KeysError, type KeysErrorCode } from "@symbiont/keys";

/** The code with which `run` refuses; passing, or throwing anything else, fails the test. */
export function refusalCode(run: () => unknown): KeysErrorCode {
  try {
    run();
  } catch (error) {
    if (KeysError.is(error)) return error.code;
    throw error;
  }
  throw new Error("was accepted");
}
