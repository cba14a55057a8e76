import { WebhookError } from "@symbiont/webhook-verify";

/** The code with which a delivery was refused; anything else is a failure of the test. */
export async function refusal(outcome: Promise<unknown>): Promise<string> {
  try {
    await outcome;
  } catch (error) {
    if (WebhookError.is(error)) return error.code;
    throw error;
  }
  throw new Error("was accepted");
}
