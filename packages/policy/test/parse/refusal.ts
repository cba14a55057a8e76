import { PolicyError } from "@symbiont/policy";
import { expect } from "vitest";

/** Runs something that must be refused with a PolicyError and returns the error. */
export function refusal(run: () => unknown): PolicyError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(PolicyError);
    return error as PolicyError;
  }
  throw new Error("nothing was refused");
}
